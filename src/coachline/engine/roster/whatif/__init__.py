"""What would become of service, quality and cost if there were more calls, other skills, other hours or fewer people."""
