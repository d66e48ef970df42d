package carnelian.server;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.base.RandomSource;
import carnelian.base.config.Config;
import carnelian.base.config.ConfigException;
import carnelian.base.config.ConfigFile;
import carnelian.base.config.InvalidValueException;
import carnelian.persistence.log.LogFiles;
import carnelian.persistence.log.LogLoadException;
import carnelian.persistence.restore.AofCheck;
import carnelian.persistence.restore.Backup;
import carnelian.persistence.restore.BackupCheck;
import carnelian.persistence.restore.ReadOnlyDisk;
import carnelian.persistence.restore.Restore;
import carnelian.persistence.restore.RestoreException;
import carnelian.persistence.restore.Target;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;

/// The commands `check-aof`, `restore`, `backup` and `verify`: what they say, and their exit codes.
/// That a log loads is proved by an instance that loads it and serves nobody.
final class LogTools {
  private static final int DATABASES = 1 << 14;

  private final Clock clock;
  private final RandomSource random;
  private final PrintStream out;
  private final PrintStream err;

  LogTools(Clock clock, RandomSource random, PrintStream out, PrintStream err) {
    this.clock = clock;
    this.random = random;
    this.out = out;
    this.err = err;
  }

  int checkAof(CommandLine.CheckAof wanted, InputStream in) {
    AofCheck.Options options = new AofCheck.Options(wanted.fix(), wanted.timestamp());
    return new AofCheck(clock, random, out, in).check(wanted.path(), options);
  }

  /// What a tool does; what it throws is told and ends it with 1.
  private interface Work {
    void run() throws IOException;
  }

  private int run(String tool, Work work) {
    try {
      work.run();
      return 0;
    } catch (RestoreException e) {
      err.println(tool + ": " + e.getMessage());
    } catch (IOException e) {
      String message = e.getMessage();
      err.println(tool + ": " + (message == null ? OsError.text(e) : message));
    }
    return 1;
  }

  // ---- restore ---------------------------------------------------------------------------------

  int restore(CommandLine.Restore wanted) {
    return run("restore", () -> restoreAndLoad(wanted));
  }

  private void restoreAndLoad(CommandLine.Restore wanted) throws IOException {
    String to = wanted.to();
    Target target =
        to != null
            ? Target.time(to, ZoneId.systemDefault())
            : Target.offset(Objects.requireNonNull(wanted.offset()));
    Restore.Result made =
        new Restore(clock, random).restore(wanted.directory(), target, wanted.into());
    out.printf(
        "Restored into %s: %d files, %d bytes%n", made.log(), made.files().size(), made.bytes());
    out.printf("State as of offset %d%s%n", made.offset(), time(made.wallMillis()));
    if (!made.reached()) {
      out.println("That is everything that the log holds: nothing follows it.");
    }
    load(BackupCheck.check(made.log()));
  }

  private static String time(long wallMillis) {
    return wallMillis == 0 ? "" : ", last written " + Instant.ofEpochMilli(wallMillis);
  }

  // ---- backup ----------------------------------------------------------------------------------

  int backup(CommandLine.Backup wanted) {
    return run("backup", () -> backUp(wanted));
  }

  private void backUp(CommandLine.Backup wanted) throws IOException {
    Path from = Path.of(wanted.from());
    String expectedId = "";
    if (!Files.exists(from) && RunningServer.isAddress(wanted.from())) {
      try (RunningServer server =
          RunningServer.connect(wanted.from(), wanted.user(), wanted.password())) {
        from = server.logDirectory();
        expectedId = server.replicationId();
      }
    }
    Backup.Result made = new Backup(clock).back(from, wanted.into(), wanted.earlier());
    String id = made.replicationId();
    if (!expectedId.isEmpty() && !id.isEmpty() && !id.equals(expectedId)) {
      throw new RestoreException(
          from
              + " holds the history "
              + id
              + ", but the server writes "
              + expectedId
              + ": is it another machine's or container's?");
    }
    out.printf(
        "Backed up into %s: %d files, %d bytes copied, %d bytes of the earlier backup%n",
        made.directory(), made.files(), made.copiedBytes(), made.linkedBytes());
    out.printf("State as of offset %d%s%n", made.offset(), time(made.wallMillis()));
    out.println("Every mark of the copy is good; ./carnelian verify proves that it loads.");
  }

  // ---- verify ----------------------------------------------------------------------------------

  int verify(CommandLine.Verify wanted) {
    return run("verify", () -> check(wanted.directory()));
  }

  private void check(Path directory) throws IOException {
    BackupCheck.Result found = BackupCheck.check(directory);
    if (found.checksums() > 0) {
      out.printf("Checksums of %d files are good%n", found.checksums());
    }
    load(found);
  }

  /// Loads a log into a store of its own, which is thrown away.
  private void load(BackupCheck.Result log) throws IOException {
    try (Instance instance = new Instance(config(log.files()), clock, random, new NoShutdown())) {
      instance.disk(new ReadOnlyDisk());
      instance.loadOnly();
      instance.start();
      instance.awaitLoaded();
      Instance.Contents contents = instance.contents();
      if (contents.offset() != log.offset()) {
        throw new RestoreException(
            "loaded up to offset " + contents.offset() + " (expected: " + log.offset() + ")");
      }
      long keys = 0;
      StringBuilder each = new StringBuilder();
      for (int i = 0; i < contents.keys().length; i++) {
        if (contents.keys()[i] > 0) {
          keys += contents.keys()[i];
          each.append(each.isEmpty() ? " (db" : ", db").append(i).append(": ");
          each.append(contents.keys()[i]);
        }
      }
      out.printf(
          "Loaded: %d keys%s, offset %d%n",
          keys, each.isEmpty() ? "" : each + ")", contents.offset());
    } catch (InvalidValueException e) {
      throw new RestoreException(String.valueOf(e.getMessage()));
    } catch (LogLoadException e) {
      throw new RestoreException("does not load: " + e.getMessage(), e);
    }
  }

  private Config config(LogFiles files) throws IOException {
    Path log = files.directory();
    Path data = Objects.requireNonNullElse(log.getParent(), log);
    Config config = new Config(data);
    Map<String, String> directives =
        Map.of(
            "port",
            "0",
            "save",
            "",
            "appendonly",
            "yes",
            "aof-load-truncated",
            "no",
            "databases",
            Integer.toString(DATABASES),
            "dir",
            data.toString(),
            "appenddirname",
            String.valueOf(log.getFileName()),
            "appendfilename",
            files.names().prefix());
    StringBuilder lines = new StringBuilder();
    directives.forEach(
        (name, value) ->
            lines
                .append(name)
                .append(" \"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append("\"\n"));
    try {
      ConfigFile.read(config, null, null, lines.toString());
      return config;
    } catch (ConfigException e) {
      throw new RestoreException(e.report());
    }
  }

  /// It ends when it is closed.
  private static final class NoShutdown implements Shutdown {
    @Override
    public boolean begin(Request request) {
      return false;
    }

    @Override
    public boolean abort() {
      return false;
    }
  }
}
