package carnelian.keyspace;

import carnelian.base.RandomSource;
import carnelian.structures.EntryVisitor;
import org.jspecify.annotations.Nullable;

/// Goes through the keys of one database in no order: any one, one bucket after another as `SCAN`
/// does, or all. Passes over keys that have expired but are still there.
///
/// Owns nothing but who visits now: one traversal at a time. Called on the engine's thread.
/// Visitors must not change the keyspace.
public final class KeyTraversal {
  /// A key that is still there after its deadline cannot be told from a random one; after so many
  /// of them any will do.
  private static final int RANDOM_TRIES = 100;

  private final Database database;
  private final EntryTable entries;
  private final Keyspace keyspace;
  private final EntryVisitor filter = this::visitUnlessHidden;

  /// Hears of what has not been filtered out.
  private @Nullable EntryVisitor visiting;

  KeyTraversal(Database database) {
    this.database = database;
    entries = database.entries();
    keyspace = database.keyspace();
  }

  /// A key that is not expired, each as likely as the other; 0 if there is none.
  public long randomKey(RandomSource random) {
    for (int tries = 0; entries.count() > 0; tries++) {
      long entry = entries.random(random);
      if (!database.isHidden(entry)) {
        return entry;
      }
      if (keyspace.expiryMode() == ExpiryMode.REMOVE) {
        database.expire(entry);
      } else if (tries >= RANDOM_TRIES) {
        return entry;
      }
    }
    return 0;
  }

  /// Visits the keys of one bucket, except expired ones, and returns the next cursor: `SCAN`. 0
  /// begins and ends.
  public long scan(long cursor, EntryVisitor visitor) {
    visiting = visitor;
    long next = entries.scan(cursor, filter);
    visiting = null;
    return next;
  }

  /// As [#scan], but visits expired ones, too: what [Database#expireIfDue] is for, after the
  /// bucket.
  public long scanWithExpired(long cursor, EntryVisitor visitor) {
    return entries.scan(cursor, visitor);
  }

  /// Visits every key, except expired ones.
  public void forEach(EntryVisitor visitor) {
    visiting = visitor;
    entries.forEach(filter);
    visiting = null;
  }

  private void visitUnlessHidden(long entry) {
    if (visiting != null && !database.isHidden(entry)) {
      visiting.visit(entry);
    }
  }
}
