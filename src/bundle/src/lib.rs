//! Signed bundles: what the depot's people sign with keys that never touch a network, and what a till checks before it believes a word of it.
