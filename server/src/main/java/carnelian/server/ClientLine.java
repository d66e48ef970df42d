package carnelian.server;

import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.CommandEntry;
import carnelian.engine.OutletUsage;
import carnelian.engine.pubsub.PubSub;
import carnelian.net.Connection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Writes the line of CLIENT LIST and CLIENT INFO that describes one client: `name=value` pairs in
/// the order and under the names that tools know from Redis 7.2.
final class ClientLine {
  /// What a client takes beside its buffers: its objects here and in the network.
  private static final long FIXED_BYTES = 1024;

  private final PubSub pubSub;

  ClientLine(PubSub pubSub) {
    this.pubSub = pubSub;
  }

  /// The line of the client that has sent the call, without its end.
  String of(Call sent) {
    StringBuilder line = new StringBuilder();
    append(line, sent.client(), sent);
    return line.substring(0, line.length() - 1);
  }

  /// Appends the client's line with its end. `call` is the one that asks.
  void append(StringBuilder line, Client client, Call call) {
    append(line, client, call.nowMillis(), call);
  }

  /// The same when no call asks: null.
  void append(StringBuilder line, Client client, long nowMillis, @Nullable Call call) {
    Client asking = call == null ? null : call.client();
    OutletUsage usage = client.outlet().usage();
    appendWho(line, client, nowMillis);
    pair(line, "sub", pubSub.channelsOf(client));
    pair(line, "psub", pubSub.patternsOf(client));
    pair(line, "ssub", pubSub.shardChannelsOf(client));
    pair(line, "multi", client.queuedCommands());
    appendMemory(line, client, usage, argumentBytes(client, call));
    boolean writes = client != asking && usage.queuedReplies() > 0;
    pair(line, "events", writes ? "rw" : "r");
    pair(line, "cmd", lastCommand(client, call));
    pair(line, "user", client.user());
    pair(line, "redir", client.trackingRedirection());
    pair(line, "resp", client.protocol());
    pair(line, "lib-name", client.libraryName());
    line.append("lib-ver=").append(client.libraryVersion()).append('\n');
  }

  private static void appendWho(StringBuilder line, Client client, long nowMillis) {
    pair(line, "id", client.id());
    pair(line, "addr", client.outlet().peer());
    pair(line, "laddr", client.outlet().local());
    pair(line, "fd", client.outlet().descriptor());
    pair(line, "name", client.name());
    pair(line, "age", secondsSince(client.createdMillis(), nowMillis));
    pair(line, "idle", secondsSince(client.lastInteractionMillis(), nowMillis));
    pair(line, "flags", flags(client));
    pair(line, "db", client.database().index());
  }

  private static void appendMemory(
      StringBuilder line, Client client, OutletUsage usage, long argumentBytes) {
    long multiBytes = client.transactionMemoryBytes();
    pair(line, "qbuf", usage.queryBufferBytes());
    pair(line, "qbuf-free", usage.queryBufferFreeBytes());
    pair(line, "argv-mem", argumentBytes);
    pair(line, "multi-mem", multiBytes);
    pair(line, "rbs", usage.replyBufferBytes());
    pair(line, "rbp", usage.replyBufferPeakBytes());
    pair(line, "obl", usage.pendingReplyBytes());
    pair(line, "oll", usage.queuedReplies());
    pair(line, "omem", usage.queuedReplyBytes());
    pair(line, "tot-mem", totalBytes(usage, argumentBytes + multiBytes + client.keptBytes()));
  }

  private static long totalBytes(OutletUsage usage, long otherBytes) {
    return FIXED_BYTES
        + usage.queryBufferBytes()
        + usage.queryBufferFreeBytes()
        + usage.replyBufferBytes()
        + usage.queuedReplyBytes()
        + otherBytes;
  }

  /// Of the command that is running, or of one that has not wholly come yet.
  private static long argumentBytes(Client client, @Nullable Call call) {
    if (call != null && client == call.client()) {
      long bytes = 0;
      for (int i = 0; i < call.argc(); i++) {
        bytes += call.arg(i).length;
      }
      return bytes;
    }
    return client.outlet() instanceof ConnectionOutlet outlet
        ? outlet.connection().pendingArgumentBytes()
        : 0;
  }

  private static String flags(Client client) {
    boolean local =
        client.outlet() instanceof ConnectionOutlet outlet
            && outlet.connection().kind() == Connection.Kind.UNIX;
    if (!local) {
      return client.flags();
    }
    return client.flags().equals("N") ? "U" : client.flags() + "U";
  }

  private static String lastCommand(Client client, @Nullable Call call) {
    if (call != null && client == call.client()) {
      return call.name();
    }
    CommandEntry last = client.lastCommand();
    return last == null ? "NULL" : last.name();
  }

  private static long secondsSince(long thenMillis, long nowMillis) {
    return Math.max(0, TimeUnit.MILLISECONDS.toSeconds(nowMillis - thenMillis));
  }

  private static void pair(StringBuilder line, String name, String value) {
    line.append(name).append('=').append(value).append(' ');
  }

  private static void pair(StringBuilder line, String name, long value) {
    line.append(name).append('=').append(value).append(' ');
  }
}
