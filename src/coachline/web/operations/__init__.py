"""Running figures: daily report, intervals, passports, alerts."""
