/// Tools for the files of a log: check, repair, copy while a server goes on, and restore as of any
/// command. They read what a server has written and never change it unless asked to; they know
/// nothing of engines and commands.
@NullMarked
package carnelian.persistence.restore;

import org.jspecify.annotations.NullMarked;
