package carnelian.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A seeded data set over 16 databases that has every data type in every encoding that the
/// redis.conf defaults produce, a third of the keys with an expiry far ahead. The same seed writes
/// the same commands.
final class Dataset {
  private static final int DATABASES = 16;
  private static final int RARE_KINDS = 8;
  private static final int STREAM = 6;
  private static final int PIPELINE = 500;

  /// Beyond the run of any test, and different for every key.
  private static final long FIRST_EXPIRY_MILLIS = 4_000_000_000_000L;

  private final SplittableRandom random;
  private final int keys;

  Dataset(long seed, int keys) {
    this.random = new SplittableRandom(seed);
    this.keys = keys;
  }

  /// Writes the whole data set; any error reply fails.
  void write(RespConnection to) {
    int pending = 0;
    int database = -1;
    for (int i = 0; i < keys; i++) {
      int target = i * DATABASES / keys;
      if (target != database) {
        database = target;
        to.send("SELECT", Integer.toString(database));
        pending++;
      }
      String key = key(i);
      to.send("DEL", key); // An earlier data set may have written it.
      to.send(creation(i, key));
      pending += 2;
      for (String[] more : growth(i, key)) {
        to.send(more);
        pending++;
      }
      if (random.nextInt(3) == 0) {
        to.send("PEXPIREAT", key, Long.toString(FIRST_EXPIRY_MILLIS + random.nextInt(1 << 30)));
        pending++;
      }
      if (pending >= PIPELINE) {
        drain(to, pending);
        pending = 0;
      }
    }
    drain(to, pending);
  }

  private static void drain(RespConnection connection, int replies) {
    connection.flush();
    for (int i = 0; i < replies; i++) {
      RespValue reply = connection.read();
      if (reply instanceof RespValue.Failure(String text)) {
        throw new AssertionError("write refused: " + text);
      }
    }
  }

  private String key(int index) {
    return switch (random.nextInt(8)) {
      case 0 -> "k" + index;
      case 1 -> "user:" + index + ":profile";
      case 2 -> index + ":" + bytes(random.nextInt(40));
      case 3 -> "long:" + index + ":" + "x".repeat(random.nextInt(300));
      default -> "key:" + index;
    };
  }

  private String[] creation(int index, String key) {
    return switch (index % 14) {
      case 0 -> args("SET", key, integer());
      case 1 -> args("SET", key, bytes(random.nextInt(45)));
      case 2 -> args("SET", key, bytes(45 + random.nextInt(400)));
      case 3 -> args("SET", key, "compressible ".repeat(random.nextInt(60)));
      case 4 -> list("RPUSH", key, 1 + random.nextInt(30), 30);
      case 5 -> list("RPUSH", key, index % 350 == 5 ? 3000 : 200, 80);
      case 6 -> integers(key, 1 + random.nextInt(60));
      case 7 -> list("SADD", key, 1 + random.nextInt(40), 20);
      case 8 -> list("SADD", key, index % 700 == 8 ? 2000 : 150, 30);
      case 9 -> scores(key, 1 + random.nextInt(30), 30);
      case 10 -> scores(key, index % 700 == 10 ? 2000 : 140, 20);
      case 11 -> hash(key, 1 + random.nextInt(20), 20);
      case 12 -> hash(key, index % 700 == 12 ? 1500 : 3, 90);
      default -> rare(index, key);
    };
  }

  private String[] rare(int index, String key) {
    return switch (index / 14 % RARE_KINDS) {
      case 0 -> args("SET", key, "");
      case 1 -> args("RPUSH", key, "", "-0", "007", "9223372036854775807", "92233720368547758070");
      case 2 -> args("ZADD", key, "inf", "a", "-inf", "b", "0", "c", "1e-320", "d", "1e300", "e");
      case 3 -> args("RPUSH", key, "small", bytes(20_000), "small");
      case 4 -> args("PFADD", key, integer(), integer(), integer());
      case 5 ->
          args("GEOADD", key, "13.361389", "38.115556", "Palermo", "15.08", "37.5", "Catania");
      case STREAM -> args("XADD", key, "1-1", "field", integer());
      default -> args("HSET", key, "", "", "n", integer(), bytes(70), bytes(100));
    };
  }

  /// What a stream gets beside its first entry: entries in several nodes, groups, what is pending.
  private List<String[]> growth(int index, String key) {
    if (index % 14 != 13 || index / 14 % RARE_KINDS != STREAM) {
      return List.of();
    }
    List<String[]> commands = new ArrayList<>();
    int entries = random.nextInt(index / 14 % 4 == 0 ? 400 : 20);
    for (int i = 2; i < entries; i++) {
      String name = random.nextInt(4) == 0 ? bytes(random.nextInt(9)) : "field";
      commands.add(args("XADD", key, i + "-" + random.nextInt(9), name, bytes(random.nextInt(30))));
    }
    commands.add(args("XDEL", key, "3-0", "5-0", "5-1", "5-2"));
    commands.add(args("XGROUP", "CREATE", key, "group", "0"));
    commands.add(args("XREADGROUP", "GROUP", "group", "alice", "COUNT", "7", "STREAMS", key, ">"));
    commands.add(args("XREADGROUP", "GROUP", "group", "bob", "COUNT", "2", "STREAMS", key, ">"));
    return commands;
  }

  private static String[] args(String... args) {
    return args;
  }

  private String[] list(String command, String key, int count, int maxBytes) {
    List<String> args = new ArrayList<>(List.of(command, key));
    for (int i = 0; i < count; i++) {
      args.add(random.nextInt(4) == 0 ? integer() : bytes(random.nextInt(maxBytes)));
    }
    return args.toArray(String[]::new);
  }

  private String[] integers(String key, int count) {
    List<String> args = new ArrayList<>(List.of("SADD", key));
    int bits = 1 + random.nextInt(63);
    for (int i = 0; i < count; i++) {
      args.add(Long.toString(random.nextLong() >> bits));
    }
    return args.toArray(String[]::new);
  }

  private String[] scores(String key, int count, int maxBytes) {
    List<String> args = new ArrayList<>(List.of("ZADD", key));
    for (int i = 0; i < count; i++) {
      args.add(
          random.nextBoolean()
              ? Integer.toString(random.nextInt(1000) - 500)
              : Double.toString(random.nextDouble(-1e6, 1e6)));
      args.add(random.nextInt(4) == 0 ? integer() : bytes(random.nextInt(maxBytes)));
    }
    return args.toArray(String[]::new);
  }

  private String[] hash(String key, int count, int maxBytes) {
    List<String> args = new ArrayList<>(List.of("HSET", key));
    for (int i = 0; i < count; i++) {
      args.add(random.nextInt(4) == 0 ? integer() : "field:" + i + bytes(random.nextInt(5)));
      args.add(random.nextInt(3) == 0 ? integer() : bytes(random.nextInt(maxBytes)));
    }
    return args.toArray(String[]::new);
  }

  private String integer() {
    return Long.toString(random.nextLong() >> random.nextInt(64));
  }

  private String bytes(int length) {
    char[] chars = new char[length];
    boolean binary = random.nextInt(4) == 0;
    for (int i = 0; i < length; i++) {
      chars[i] = (char) (binary ? random.nextInt(256) : 'a' + random.nextInt(26));
    }
    return new String(chars);
  }
}
