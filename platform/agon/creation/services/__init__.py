"""Every write to drafts."""
