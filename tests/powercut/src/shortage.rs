//! No room on the disk, at any write.

