"""The pipeline of newcomers: recruited, taught, licensed, experienced, gone; and what plans for it would bring."""
