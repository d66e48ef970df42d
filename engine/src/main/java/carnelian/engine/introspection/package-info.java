/// What the server tells about its own commands: COMMAND and the HELP of containers. All of it is
/// derived from declarations.
@NullMarked
package carnelian.engine.introspection;

import org.jspecify.annotations.NullMarked;
