package carnelian.engine.tracking;

import carnelian.engine.Client;
import carnelian.engine.KeyMap;
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

  private final byte[] prefix;
  private final long seed;
  final Set<TrackedClient> clients = new LinkedHashSet<>();
  private KeyMap<Change> changed;

  PrefixGroup(String prefix, long seed) {
    this.prefix = prefix.getBytes(StandardCharsets.ISO_8859_1);
    this.seed = seed;
    changed = new KeyMap<>(seed);
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
    if (node == null) {
      changed.insert(0, key, new Change(by));
    } else {
      node.value().by = by;
    }
  }

  /// The keys that have changed, which are none afterwards.
  KeyMap<Change> take() {
    KeyMap<Change> taken = changed;
    changed = new KeyMap<>(seed);
    return taken;
  }

  boolean hasChanges() {
    return !changed.isEmpty();
  }
}
