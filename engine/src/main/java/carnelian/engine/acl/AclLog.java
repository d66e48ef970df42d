package carnelian.engine.acl;

import carnelian.engine.Denial;
import carnelian.engine.Permissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The audit: who was refused what, newest first, and how often in all. Refusals of one kind that
/// follow each other within a minute are one entry with a count.
public final class AclLog {
  private static final long GROUPED_MILLIS = 60_000;
  private static final int COMPARED_ENTRIES = 10;
  private static final int DEFAULT_LENGTH = 128;

  /// Why somebody was refused.
  public enum Reason {
    AUTH,
    COMMAND,
    KEY,
    CHANNEL;

    static Reason of(Denial denial) {
      return switch (denial) {
        case COMMAND -> COMMAND;
        case KEY -> KEY;
        case CHANNEL -> CHANNEL;
      };
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Refusals of one kind.
  static final class Entry {
    final long id;
    final Reason reason;
    final Permissions.Context context;
    final String object;
    final String user;
    final long createdMillis;
    long count = 1;
    long updatedMillis;
    String client;

    Entry(
        long id,
        Reason reason,
        Permissions.Context context,
        String object,
        String user,
        long nowMillis,
        String client) {
      this.id = id;
      this.reason = reason;
      this.context = context;
      this.object = object;
      this.user = user;
      this.createdMillis = nowMillis;
      this.updatedMillis = nowMillis;
      this.client = client;
    }

    boolean isLike(Entry other) {
      return reason == other.reason
          && context == other.context
          && Math.abs(updatedMillis - other.updatedMillis) <= GROUPED_MILLIS
          && object.equals(other.object)
          && user.equals(other.user);
    }
  }

  private final Deque<Entry> entries = new ArrayDeque<>();
  private final EnumMap<Reason, Long> denied = new EnumMap<>(Reason.class);
  private long maxLength = DEFAULT_LENGTH;
  private long nextId;

  AclLog() {}

  /// `acllog-max-len`.
  public void maxLength(long length) {
    maxLength = length;
    trim();
  }

  /// `acl_access_denied_…` of INFO.
  public long denied(Reason reason) {
    return denied.getOrDefault(reason, 0L);
  }

  /// CONFIG RESETSTAT.
  public void resetStatistics() {
    denied.clear();
  }

  void add(
      Reason reason,
      Permissions.Context context,
      String object,
      String user,
      long nowMillis,
      String client) {
    denied.merge(reason, 1L, Long::sum);
    Entry entry = new Entry(nextId, reason, context, object, user, nowMillis, client);
    Entry known = similar(entry);
    if (known == null) {
      nextId++;
      entries.addFirst(entry);
      trim();
      return;
    }
    boolean _ = entries.remove(known);
    entries.addFirst(known);
    known.count++;
    known.updatedMillis = nowMillis;
    known.client = client;
  }

  private @Nullable Entry similar(Entry entry) {
    int compared = 0;
    for (Entry known : entries) {
      if (known.isLike(entry)) {
        return known;
      }
      if (++compared == COMPARED_ENTRIES) {
        return null;
      }
    }
    return null;
  }

  private void trim() {
    while (entries.size() > maxLength) {
      entries.removeLast();
    }
  }

  /// The newest entries.
  List<Entry> newest(long count) {
    List<Entry> newest = new ArrayList<>();
    for (Entry entry : entries) {
      if (newest.size() >= count) {
        break;
      }
      newest.add(entry);
    }
    return newest;
  }

  void clear() {
    entries.clear();
  }
}
