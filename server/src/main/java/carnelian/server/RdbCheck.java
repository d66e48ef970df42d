package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.keyspace.Type;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.persistence.rdb.RdbInput;
import carnelian.persistence.rdb.RdbLoader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;

/// `check-rdb`: reads a snapshot as a server would, without serving it, and says what is in it or
/// what is wrong with it.
final class RdbCheck {
  private static final int DATABASES = 1 << 14;

  private final Clock clock;
  private final RandomSource random;

  RdbCheck(Clock clock, RandomSource random) {
    this.clock = clock;
    this.random = random;
  }

  /// Returns the exit code: 0 for a file that loads.
  int report(Path file, PrintStream out) {
    KeyspaceOptions options = new KeyspaceOptions(DATABASES, random.nextLong(), random.nextLong());
    try (Heap heap = new Heap(HeapOptions.defaults());
        Keyspace keyspace = new Keyspace(heap, options, clock, random);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        RdbInput in = new RdbInput(file.toString(), channel);
        RdbLoader loader =
            new RdbLoader(in, keyspace, RdbLoader.Expired.KEEP, channel.size(), true)) {
      loader.load();
      summarise(file, keyspace, loader, out);
      return 0;
    } catch (IOException e) {
      out.println("--- RDB ERROR DETECTED ---");
      out.println(e.getMessage());
      return 1;
    }
  }

  private static void summarise(Path file, Keyspace keyspace, RdbLoader loader, PrintStream out) {
    out.println("[ok] " + file + ": RDB looks OK");
    for (String remark : loader.remarks()) {
      out.println("[info] " + remark);
    }
    out.println("[info] " + loader.keysLoaded() + " keys read");
    for (int i = 0; i < keyspace.databases(); i++) {
      Database database = keyspace.database(i);
      if (database.size() > 0) {
        out.println(
            "[info] db"
                + i
                + ": "
                + database.size()
                + " keys, "
                + database.volatileKeys()
                + " with an expiry, "
                + types(database));
      }
    }
  }

  private static Map<Type, Long> types(Database database) {
    Map<Type, Long> counts = new EnumMap<>(Type.class);
    database.traversal().forEach(entry -> counts.merge(Database.type(entry), 1L, Long::sum));
    return counts;
  }
}
