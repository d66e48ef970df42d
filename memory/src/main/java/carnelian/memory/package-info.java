/// Memory outside the garbage-collected heap: access by absolute address, the allocator, the write
/// barrier with its copy-on-write pages, and the snapshot that another thread reads. It knows
/// nothing of keys, values or structures; it is the only package that calls native code.
@NullMarked
package carnelian.memory;

import org.jspecify.annotations.NullMarked;
