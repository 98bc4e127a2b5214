"""What readers see has a number: every change raises it, and what was kept under another number is void."""
