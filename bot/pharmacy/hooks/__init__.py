"""Pharmacies' systems are told what becomes of their notices (Standard Webhooks)."""
