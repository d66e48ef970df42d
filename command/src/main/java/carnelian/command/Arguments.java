package carnelian.command;

import carnelian.memory.Slice;

/// The arguments of one call, the command's name first, a subcommand's name second.
public interface Arguments {
  int argc();

  /// Valid as long as the call is.
  Slice arg(int index);
}
