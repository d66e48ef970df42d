package carnelian.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Clients of one server that cache: one is told of the keys that it reads, one asks for that from
/// read to read and has another be told, one is told of all keys with some prefixes. They can be
/// asked what each was told since the last time.
final class CachingClients implements AutoCloseable {
  /// What a flush is told as; the name of a key has brackets around it.
  static final String EVERYTHING = "everything";

  private static final RespValue THAT_WAS = new RespValue.Bulk("that was");

  final RespConnection reader;
  private final List<RespValue> toldEarlier = new ArrayList<>();
  private final RespConnection chooser;
  private final RespConnection sink;
  private final RespConnection broadcast;

  /// What one client was told: how often of each key, and what else.
  record Told(Map<String, Integer> keys, List<String> messages) {}

  /// `reader` also listens to channels, and must be of RESP3.
  CachingClients(ServerProcess server) {
    reader = server.connect();
    chooser = server.connect();
    sink = server.connect();
    broadcast = server.connect();
    reader.call("HELLO", "3").items();
    reader.call("CLIENT", "TRACKING", "ON").text();
    String sinkId = sink.call("CLIENT", "ID").text();
    sink.call("SUBSCRIBE", "__redis__:invalidate").items();
    chooser.call("CLIENT", "TRACKING", "ON", "REDIRECT", sinkId, "OPTIN").text();
    broadcast.call("HELLO", "3").items();
    broadcast
        .call("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "zset", "PREFIX", "h", "PREFIX", "st")
        .text();
  }

  /// The reader reads; what it is told before it has its reply is kept.
  RespValue read(String[] command) {
    reader.send(command);
    reader.flush();
    RespValue next = reader.read();
    while (next instanceof RespValue.Aggregate(char type, List<RespValue> _) && type == '>') {
      toldEarlier.add(next);
      next = reader.read();
    }
    return next;
  }

  /// The chooser reads; what it reads is tracked if it `caches`.
  RespValue choose(boolean caches, String[] read) {
    if (caches) {
      chooser.call("CLIENT", "CACHING", "YES").text();
    }
    return chooser.call(read);
  }

  Told toldToReader() {
    Told told = new Told(new TreeMap<>(), new ArrayList<>());
    toldEarlier.forEach(push -> add(told, push.items()));
    toldEarlier.clear();
    return told(reader, told);
  }

  Told toldToSink() {
    // The sink's messages follow those that the chooser's commands have led to.
    chooser.call("PING").text();
    return told(sink, new Told(new TreeMap<>(), new ArrayList<>()));
  }

  /// How often is up to the server, which gathers them.
  Told toldToBroadcast() {
    Told told = told(broadcast, new Told(new TreeMap<>(), new ArrayList<>()));
    told.keys.replaceAll((_, _) -> 1);
    return told;
  }

  private static Told told(RespConnection client, Told told) {
    client.send("PING", "that was");
    client.flush();
    for (RespValue next = client.read(); !isEnd(next); next = client.read()) {
      add(told, next.items());
    }
    return told;
  }

  private static void add(Told told, List<RespValue> push) {
    if (push.getFirst().text().equals("invalidate")) {
      addKeys(told, push.get(1));
    } else if (push.get(1).equals(new RespValue.Bulk("__redis__:invalidate"))) {
      addKeys(told, push.get(2));
    } else {
      told.messages.add(push.toString());
    }
  }

  /// A client of RESP2 that has subscribed is told `pong` in an array.
  private static boolean isEnd(RespValue reply) {
    return reply.equals(THAT_WAS)
        || reply instanceof RespValue.Aggregate(char _, List<RespValue> items)
            && items.getLast().equals(THAT_WAS);
  }

  private static void addKeys(Told told, RespValue keys) {
    if (keys instanceof RespValue.Aggregate(char _, List<RespValue> items)) {
      items.forEach(key -> told.keys.merge("[" + key.text() + "]", 1, Integer::sum));
    } else {
      told.keys.put(EVERYTHING, 1);
    }
  }

  /// What `theirs` and `ours` disagree on: keys, how often each was told.
  static String differences(Told theirs, Told ours) {
    StringBuilder lines = new StringBuilder();
    for (String key : keys(theirs, ours)) {
      int expected = theirs.keys.getOrDefault(key, 0);
      int found = ours.keys.getOrDefault(key, 0);
      if (expected != found) {
        lines.append("  %s: redis %d times, carnelian %d%n".formatted(key, expected, found));
      }
    }
    return lines.toString();
  }

  /// The keys that ours has told once more; others that they disagree on stand in brackets.
  static List<String> differing(Told theirs, Told ours) {
    List<String> names = new ArrayList<>();
    for (String key : keys(theirs, ours)) {
      int more = ours.keys.getOrDefault(key, 0) - theirs.keys.getOrDefault(key, 0);
      if (more != 0) {
        names.add(more == 1 && !key.equals(EVERYTHING) ? key.substring(1, key.length() - 1) : key);
      }
    }
    return names;
  }

  private static Set<String> keys(Told theirs, Told ours) {
    TreeSet<String> keys = new TreeSet<>(theirs.keys.keySet());
    keys.addAll(ours.keys.keySet());
    return keys;
  }

  @Override
  public void close() {
    reader.close();
    chooser.close();
    sink.close();
    broadcast.close();
  }
}
