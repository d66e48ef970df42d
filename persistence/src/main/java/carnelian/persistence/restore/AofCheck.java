package carnelian.persistence.restore;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.base.RandomSource;
import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.persistence.log.Disk;
import carnelian.persistence.log.LogDamage;
import carnelian.persistence.log.LogFile;
import carnelian.persistence.log.LogFiles;
import carnelian.persistence.log.Manifest;
import carnelian.persistence.log.ManifestException;
import carnelian.persistence.log.SegmentCheck;
import carnelian.persistence.log.SegmentReader;
import carnelian.persistence.log.SystemDisk;
import carnelian.persistence.rdb.RdbInput;
import carnelian.persistence.rdb.RdbLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `check-aof`: reads a log, or one file of it, without loading its commands, says what is wrong
/// with it in the words of redis-check-aof, and cuts it on demand.
public final class AofCheck {
  private static final int DATABASES = 1 << 14;
  private static final int CHUNK_BYTES = 1 << 16;
  private static final int OK = 0;
  private static final int FAILED = 1;

  private final Disk disk = new SystemDisk();
  private final Clock clock;
  private final RandomSource random;
  private final PrintStream out;
  private final InputStream in;

  /// Asks on `out` and hears the answer on `in` before it changes anything.
  public AofCheck(Clock clock, RandomSource random, PrintStream out, InputStream in) {
    this.clock = clock;
    this.random = random;
    this.out = out;
    this.in = in;
  }

  /// What is to be done besides checking.
  ///
  /// @param fix cut what cannot be loaded off the end, if that is allowed then
  /// @param timestamp cut what is younger than this, in Unix seconds; 0: nothing
  public record Options(boolean fix, long timestamp) {}

  /// One file, and what it is a part of.
  private record File(Path path, String shown, String part, boolean last) {}

  /// What was found out about a file of commands.
  private record Analysis(
      long bytes, long goodBytes, long startOffset, long endOffset, @Nullable LogDamage damage) {}

  /// Returns the exit code: 0 for a log that loads, or does now.
  public int check(Path given, Options options) {
    try {
      if (Files.isDirectory(given) || LogHome.isManifest(given)) {
        return checkLog(LogHome.find(disk, given), options);
      }
      if (!Files.isRegularFile(given)) {
        out.println("Cannot open file " + given + ": No such file or directory");
        return FAILED;
      }
      out.println("Start checking Old-Style AOF");
      checkFile(new File(given, given.toString(), "AOF", true), options, -1);
      return OK;
    } catch (ManifestException e) {
      out.println(e.getMessage());
      return FAILED;
    } catch (CheckFailed _) {
      return FAILED; // Said where it was found.
    } catch (RestoreException e) {
      out.println(e.getMessage());
      return FAILED;
    } catch (IOException e) {
      out.println("Cannot read " + given + ": " + OsError.text(e));
      return FAILED;
    }
  }

  /// What is wrong has been printed.
  private static final class CheckFailed extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private CheckFailed failed(String why) {
    out.println(why);
    return new CheckFailed();
  }

  // ---- Logs ------------------------------------------------------------------------------------

  private int checkLog(LogFiles files, Options options) throws IOException {
    out.println("Start checking Multi Part AOF");
    Manifest manifest = LogHome.manifest(files);
    for (LogFile file : manifest.loaded()) {
      if (!disk.exists(files.path(file))) {
        throw failed(
            "Cannot open file " + files.path(file) + ": No such file or directory, aborting...");
      }
    }
    LogFile base = manifest.base();
    long offset = -1;
    if (base != null) {
      out.printf("Start to check BASE AOF (%s format).%n", base.isRdb() ? "RDB" : "RESP");
      boolean last = manifest.increments().isEmpty();
      offset = checkFile(new File(files.path(base), base.name(), "BASE AOF", last), options, -1);
    }
    if (!manifest.increments().isEmpty()) {
      out.println("Start to check INCR files.");
    }
    for (LogFile increment : manifest.increments()) {
      boolean last = increment.equals(manifest.lastIncrement());
      File file = new File(files.path(increment), increment.name(), "INCR AOF", last);
      offset = checkFile(file, options, offset);
    }
    out.println("All AOF files and manifest are valid");
    return OK;
  }

  // ---- Files -----------------------------------------------------------------------------------

  /// Checks a file and returns the replication offset at its end; -1 if that is not known.
  ///
  /// @param expected the offset that it has to begin with; -1 if any
  private long checkFile(File file, Options options, long expected) throws IOException {
    long from = 0;
    long begins = expected;
    if (startsAsRdb(file.path())) {
      RdbPart part = checkRdb(file);
      from = part.bytes();
      begins = part.offset();
    }
    if (options.timestamp() > 0 && from == 0) {
      return cutToTime(file, options.timestamp());
    }
    if (options.timestamp() > 0) {
      out.printf("Truncate nothing in AOF %s to timestamp %d%n", file.shown(), options.timestamp());
    }
    Analysis found = analyse(file.path(), from);
    if (found.damage() != null) {
      out.printf("0x%16x: %s%n", found.damage().at(), found.damage().getMessage());
    }
    if (options.timestamp() == 0) {
      print(file, found);
    }
    if (found.goodBytes() < found.bytes()) {
      repair(file, found, options);
    } else {
      verifyOrder(file, found, begins);
      out.printf("%s %s is valid%n", file.part(), file.shown());
    }
    return found.endOffset() >= 0 ? found.endOffset() : begins;
  }

  private void print(File file, Analysis found) throws IOException {
    out.printf(
        "AOF analyzed: filename=%s, size=%d, ok_up_to=%d, ok_up_to_line=%d, diff=%d%n",
        file.shown(),
        found.bytes(),
        found.goodBytes(),
        lines(file.path(), found.goodBytes()),
        found.bytes() - found.goodBytes());
  }

  private void verifyOrder(File file, Analysis found, long begins) throws CheckFailed {
    if (begins >= 0 && found.startOffset() >= 0 && found.startOffset() != begins) {
      throw failed(
          String.format(
              Locale.ROOT,
              "%s %s begins at offset %d, but what comes before it ends at %d: a file is missing",
              file.part(),
              file.shown(),
              found.startOffset(),
              begins));
    }
  }

  private boolean startsAsRdb(Path path) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(1);
    try (ReadableByteChannel channel = disk.read(path, 0)) {
      return channel.read(first) == 1 && first.get(0) == 'R';
    }
  }

  private record RdbPart(long bytes, long offset) {}

  private RdbPart checkRdb(File file) throws IOException {
    out.println("[offset 0] Checking RDB file " + file.shown());
    KeyspaceOptions options = new KeyspaceOptions(DATABASES, random.nextLong(), random.nextLong());
    try (Heap heap = new Heap(HeapOptions.defaults());
        Keyspace keyspace = new Keyspace(heap, options, clock, random);
        ReadableByteChannel channel = disk.read(file.path(), 0);
        RdbInput input = new RdbInput(file.path().toString(), channel);
        RdbLoader loader =
            new RdbLoader(input, keyspace, RdbLoader.Expired.KEEP, disk.size(file.path()), true)) {
      loader.load();
      for (Map.Entry<String, String> fact : loader.facts().entrySet()) {
        out.println("[info] AUX FIELD " + fact.getKey() + " = '" + fact.getValue() + "'");
      }
      out.println("[offset " + input.offset() + "] Checksum OK");
      out.println("[offset " + input.offset() + "] \\o/ RDB looks OK! \\o/");
      out.println("[info] " + loader.keysLoaded() + " keys read");
      out.println("[info] " + volatileKeys(keyspace) + " expires");
      out.println("RDB preamble is OK, proceeding with AOF tail...");
      String at = loader.fact("repl-offset");
      boolean told = at != null && at.matches("[0-9]{1,18}");
      return new RdbPart(input.offset(), told ? Long.parseLong(at) : -1);
    } catch (IOException e) {
      out.println("--- RDB ERROR DETECTED ---");
      out.println(e.getMessage());
      throw failed("RDB preamble of AOF file is not sane, aborting.");
    }
  }

  private static long volatileKeys(Keyspace keyspace) {
    long keys = 0;
    for (int i = 0; i < keyspace.databases(); i++) {
      Database database = keyspace.database(i);
      keys += database.size() == 0 ? 0 : database.volatileKeys();
    }
    return keys;
  }

  private Analysis analyse(Path path, long from) throws IOException {
    long bytes = disk.size(path);
    long goodBytes = bytes;
    LogDamage damage = null;
    if (from == 0) {
      SegmentCheck.Result result = new SegmentCheck(disk).check(path);
      goodBytes = result.goodBytes();
      damage = result.damage();
      if (damage != null) {
        out.println(
            result.torn()
                ? "[info] A torn tail, as a crash leaves it: nothing says that it was on disk."
                : "[info] Damage: no crash leaves this.");
      }
    }
    long start = -1;
    try (ReadableByteChannel channel = disk.read(path, from);
        SegmentReader reader = new SegmentReader(path.toString(), channel, from, -1)) {
      while (reader.goodBytes() < goodBytes && reader.next() != SegmentReader.Item.END) {
        if (start < 0 && reader.marks() > 0 && reader.commands() == 0) {
          start = reader.offset();
        }
      }
      return new Analysis(bytes, goodBytes, start, reader.offset(), damage);
    } catch (LogDamage e) {
      return new Analysis(bytes, e.goodBytes(), start, e.goodOffset(), e);
    }
  }

  private long lines(Path path, long bytes) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    long left = bytes;
    long lines = 1;
    try (InputStream file = Files.newInputStream(path)) {
      while (left > 0) {
        int read = file.read(chunk, 0, (int) Math.min(left, CHUNK_BYTES));
        if (read < 0) {
          break;
        }
        for (int i = 0; i < read; i++) {
          lines += chunk[i] == '\n' ? 1 : 0;
        }
        left -= read;
      }
    }
    return lines;
  }

  // ---- Changes ---------------------------------------------------------------------------------

  private void repair(File file, Analysis found, Options options) throws IOException {
    if (!options.fix()) {
      throw failed("AOF " + file.shown() + " is not valid. Use the --fix option to try fixing it.");
    }
    if (!file.last()) {
      throw failed("Failed to truncate AOF " + file.shown() + " because it is not the last file");
    }
    out.printf(
        "This will shrink the AOF %s from %d bytes, with %d bytes, to %d bytes%n",
        file.shown(), found.bytes(), found.bytes() - found.goodBytes(), found.goodBytes());
    out.print("Continue? [y/N]: ");
    out.flush();
    int answer = in.read();
    if (answer != 'y' && answer != 'Y') {
      throw failed("Aborting...");
    }
    disk.truncate(file.path(), found.goodBytes());
    out.println("Successfully truncated AOF " + file.shown());
  }

  /// The end of the second counts, as for redis-check-aof. Returns no offset: the next file is
  /// younger.
  private long cutToTime(File file, long timestamp) throws IOException {
    Target target = new Target.Time(timestamp * 1000 + 999);
    SegmentCut cut;
    try {
      cut = SegmentCut.find(disk, file.path(), -1, target, Long.MAX_VALUE);
    } catch (LogDamage e) {
      out.printf("0x%16x: %s%n", e.at(), e.getMessage());
      throw failed("AOF " + file.shown() + " is not valid. Use the --fix option to try fixing it.");
    }
    if (!cut.reached()) {
      out.printf("Truncate nothing in AOF %s to timestamp %d%n", file.shown(), timestamp);
      out.printf("%s %s is valid%n", file.part(), file.shown());
      return -1;
    }
    if (cut.bytes() == 0) {
      throw failed(
          "AOF " + file.path() + " has nothing before timestamp " + timestamp + ", aborting...");
    }
    if (!file.last()) {
      throw failed(
          String.format(
              Locale.ROOT,
              "Failed to truncate AOF %s to timestamp %d to offset %d because it is not the last"
                  + " file (carnelian restore --to can go back there)",
              file.shown(),
              timestamp,
              cut.bytes()));
    }
    disk.truncate(file.path(), cut.bytes());
    out.printf("Successfully truncated AOF %s to timestamp %d%n", file.shown(), timestamp);
    return -1;
  }
}
