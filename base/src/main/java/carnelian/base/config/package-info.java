/// Configuration: the one table of directives, their values at run time, and the file they are read
/// from and written back to. It must not know what a value does: whoever cares subscribes.
///
/// Text is byte text throughout: a `String` holds one byte in each character (ISO 8859-1), because
/// passwords, paths and templates are bytes to Redis.
@NullMarked
package carnelian.base.config;

import org.jspecify.annotations.NullMarked;
