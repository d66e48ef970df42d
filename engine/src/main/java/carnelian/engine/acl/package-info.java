/// Users and what they may do: rules, passwords, the audit of what was refused, and the ACL
/// commands. It knows commands by their declarations and clients by their user's name, and nothing
/// of the configuration.
@NullMarked
package carnelian.engine.acl;

import org.jspecify.annotations.NullMarked;
