"""Coachline: quality inspection, capability evaluation, training and rosters of a customer-service centre."""
