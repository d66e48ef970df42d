package carnelian.engine.acl;

import carnelian.command.Arguments;
import carnelian.command.KeyPositions;
import carnelian.engine.CommandEntry;
import carnelian.engine.Denial;
import org.jspecify.annotations.Nullable;

/// What comes of holding a call against all selectors of a user. One object is used for all calls;
/// the keys of a call are looked for once.
final class Verdict implements AutoCloseable {
  private final KeyPositions keys = new KeyPositions();
  private final GlobMatcher matcher = new GlobMatcher();
  private boolean keysFound;
  private int blamed;
  private int culprit;

  /// Null if one of the user's selectors allows the call. Else what was met that went furthest:
  /// that a command is not allowed is said only if no selector allows it, and of keys and channels
  /// the last one is named.
  @Nullable Denial of(User user, CommandEntry entry, Arguments args) {
    keysFound = false;
    Denial worst = Denial.COMMAND;
    culprit = 0;
    for (Selector selector : user.selectors()) {
      blamed = 0;
      Denial denial = selector.check(entry, args, this);
      if (denial == null) {
        return null;
      }
      int order = denial.compareTo(worst);
      if (order > 0 || (order == 0 && blamed > culprit)) {
        worst = denial;
        culprit = blamed;
      }
    }
    return worst;
  }

  /// As [#of], and one of the selectors that allow the call lets any key be read.
  boolean mayReadAnyKey(User user, CommandEntry entry, Arguments args) {
    keysFound = false;
    for (Selector selector : user.selectors()) {
      if (selector.mayReadAnyKey() && selector.check(entry, args, this) == null) {
        return true;
      }
    }
    return false;
  }

  /// The argument that the last denial is about.
  int culprit() {
    return culprit;
  }

  GlobMatcher matcher() {
    return matcher;
  }

  void blame(int argument) {
    blamed = argument;
  }

  KeyPositions keys(CommandEntry entry, Arguments args) {
    if (!keysFound) {
      keys.find(entry.declaration(), args);
      keysFound = true;
    }
    return keys;
  }

  @Override
  public void close() {
    matcher.close();
  }
}
