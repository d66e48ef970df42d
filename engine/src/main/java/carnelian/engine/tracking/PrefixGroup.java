package carnelian.engine.tracking;

import carnelian.engine.Client;
import carnelian.engine.JavaHeapBudget;
import carnelian.engine.KeyMap;
import carnelian.memory.CopyLimitException;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The clients who hear of all keys that begin alike, and those keys that have changed since they
/// were told last.
final class PrefixGroup {
  /// Who has changed a key last; null if no client has.
  static final class Change {
    @Nullable Client by;

    Change(@Nullable Client by) {
      this.by = by;
    }
  }

  /// What of the keys' names is kept until the end of a batch of commands.
  private static final long MAX_CHANGED_BYTES = CopyLimitException.MAX_BYTES;

  private final byte[] prefix;
  private final long seed;
  final Set<TrackedClient> clients = new LinkedHashSet<>();
  private KeyMap<Change> changed;
  private long changedBytes;
  private boolean overflow;

  PrefixGroup(String prefix, long seed) {
    this.prefix = prefix.getBytes(StandardCharsets.ISO_8859_1);
    this.seed = seed;
    changed = none();
  }

  private KeyMap<Change> none() {
    changedBytes = 0;
    return new KeyMap<>(seed, new JavaHeapBudget(Long.MAX_VALUE));
  }

  /// Takes note of a change, if the key is one of the group's.
  void changed(Slice key, @Nullable Client by) {
    if (key.length < prefix.length) {
      return;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (key.byteAt(i) != prefix[i]) {
        return;
      }
    }
    KeyMap.Node<Change> node = changed.find(0, key);
    if (node == null && changedBytes + key.length > MAX_CHANGED_BYTES) {
      overflow = true;
    } else if (node == null) {
      changed.insert(0, key, new Change(by));
      changedBytes += JavaHeapBudget.OBJECT_BYTES + key.length;
    } else {
      node.value().by = by;
    }
  }

  /// The keys that have changed, which are none afterwards.
  KeyMap<Change> take() {
    KeyMap<Change> taken = changed;
    changed = none();
    return taken;
  }

  /// Whether more has changed than could be kept, since the last time that this was asked.
  boolean takeOverflow() {
    boolean before = overflow;
    overflow = false;
    return before;
  }

  boolean hasChanges() {
    return !changed.isEmpty();
  }
}
