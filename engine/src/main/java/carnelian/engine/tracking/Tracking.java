package carnelian.engine.tracking;

import carnelian.command.CommandFlag;
import carnelian.command.KeyPositions;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.CommandEntry;
import carnelian.engine.Engine;
import carnelian.engine.JavaHeapBudget;
import carnelian.engine.KeyMap;
import carnelian.engine.KeyTracking;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Remembers what clients have read and tells them of what has changed. On the engine's thread, and
/// heard by it only from the moment that a client first turns tracking on.
///
/// A client hears of a key once, and again only after it has read it again; clients in BCAST mode
/// hear of all keys with their prefixes, once for each batch of commands.
public final class Tracking
    implements KeyTracking, Engine.DisconnectListener, Engine.Periodic, AutoCloseable {
  private static final String CHANNEL = "__redis__:invalidate";
  private static final int INITIAL_MESSAGE_BYTES = 256;
  private static final int KEPT_MESSAGE_BYTES = 64 * 1024;

  /// Keys given up in one go, times how often in a row that was not enough.
  private static final int GIVEN_UP_AT_ONCE = 100;

  private final Engine engine;
  private final long seed;
  private final TrackingTable table;
  private final TreeMap<String, PrefixGroup> groups = new TreeMap<>();
  private final Map<Client, TrackedClient> clients = new HashMap<>();
  private final KeyPositions positions = new KeyPositions();
  private final NativeBuffer message = new NativeBuffer(INITIAL_MESSAGE_BYTES);
  private final Reply writer = new Reply(message);
  private final Slice slice = new Slice();
  private long maxKeys = Long.MAX_VALUE;
  private int roundsOverLimit;
  private boolean toldOfFlush;

  /// `hashSeed` must not be known to clients.
  public Tracking(Engine engine, long hashSeed) {
    this.engine = engine;
    seed = hashSeed;
    table = new TrackingTable(engine.random());
    engine.onDisconnect(this);
    engine.periodically(this);
  }

  /// `tracking-table-max-keys`; 0 means no limit.
  public void maxKeys(long keys) {
    maxKeys = keys == 0 ? Long.MAX_VALUE : keys;
  }

  // ---- Clients ---------------------------------------------------------------------------------

  @Nullable TrackedClient find(Client client) {
    return clients.get(client);
  }

  /// Turns tracking on, or changes what has been turned on.
  void enable(
      Client client,
      TrackedClient.Mode mode,
      boolean noLoop,
      long redirect,
      List<String> prefixes) {
    TrackedClient tracked = clients.computeIfAbsent(client, TrackedClient::new);
    tracked.mode = mode;
    tracked.noLoop = noLoop;
    tracked.redirect = redirect;
    tracked.redirectBroken = false;
    if (mode == TrackedClient.Mode.BCAST) {
      for (String prefix : prefixes.isEmpty() ? List.of("") : prefixes) {
        if (!tracked.prefixes.contains(prefix)) {
          engine.javaHeap().take(heapBytes(prefix));
          tracked.prefixes.add(prefix);
          client.addPrefix(heapBytes(prefix));
        }
        groups.computeIfAbsent(prefix, text -> new PrefixGroup(text, seed)).clients.add(tracked);
      }
    }
    tracked.show();
    engine.tracking(this);
  }

  /// Turns tracking off: CLIENT TRACKING OFF, RESET, or a lost connection.
  public void forget(Client client) {
    TrackedClient tracked = clients.remove(client);
    if (tracked == null) {
      return;
    }
    for (String prefix : tracked.prefixes) {
      engine.javaHeap().giveBack(heapBytes(prefix));
      PrefixGroup group = groups.get(prefix);
      if (group != null) {
        group.clients.remove(tracked);
        if (group.clients.isEmpty()) {
          groups.remove(prefix);
        }
      }
    }
    client.notTracking();
  }

  private static long heapBytes(String prefix) {
    return 3L * JavaHeapBudget.OBJECT_BYTES + 2L * prefix.length();
  }

  @Override
  public void disconnected(Client client) {
    forget(client);
  }

  // ---- Hearing ---------------------------------------------------------------------------------

  @Override
  public void read(Call call, Client reader) {
    TrackedClient tracked = clients.get(reader);
    CommandEntry entry = call.entry();
    if (tracked == null || !tracked.remembers() || entry.has(CommandFlag.PUBSUB)) {
      return;
    }
    int count = positions.find(entry.declaration(), call);
    for (int i = 0; i < count; i++) {
      if (!table.add(call.arg(positions.position(i)), reader.id())) {
        toldOfFlush = false;
        flushed(null); // There is no room: nobody may hold anything.
        return;
      }
    }
    toldOfFlush &= count == 0;
  }

  @Override
  public void commandEnded(Client client, @Nullable CommandEntry entry) {
    TrackedClient tracked = clients.get(client);
    if (tracked != null && tracked.caching && !client.isInTransaction() && !isOfClient(entry)) {
      tracked.caching = false;
    }
  }

  private static boolean isOfClient(@Nullable CommandEntry entry) {
    CommandEntry container = entry == null ? null : entry.container();
    return container != null && container.name().equals("client");
  }

  @Override
  public void changed(Database database, Slice key, @Nullable Client by) {
    for (PrefixGroup group : groups.values()) {
      group.changed(key, by);
    }
    long entry = table.find(key);
    if (entry != 0) {
      invalidate(entry, key, by);
    }
  }

  private void invalidate(long entry, Slice key, @Nullable Client by) {
    int readers = TrackingTable.readers(entry);
    for (int i = 0; i < readers; i++) {
      Client client = engine.clients().find(TrackingTable.reader(entry, i));
      TrackedClient tracked = client == null ? null : clients.get(client);
      if (tracked == null || tracked.broadcasts() || (tracked.noLoop && client == by)) {
        continue;
      }
      Client receiver = begin(tracked);
      if (receiver != null) {
        writer.array(1);
        writer.bulk(key);
        send(receiver);
      }
    }
    table.remove(entry);
  }

  @Override
  public void flushed(@Nullable Client by) {
    table.clear();
    if (toldOfFlush) {
      return; // Of another database, by the same command.
    }
    toldOfFlush = true;
    tellOfAll(clients.values());
  }

  /// Tells them that every key may have changed.
  private void tellOfAll(Collection<TrackedClient> told) {
    for (TrackedClient tracked : List.copyOf(told)) {
      Client receiver = begin(tracked);
      if (receiver != null) {
        writer.nil();
        send(receiver);
      }
    }
  }

  @Override
  public void batchEnded() {
    toldOfFlush = false;
    if (clients.isEmpty()) {
      return;
    }
    for (PrefixGroup group : new ArrayList<>(groups.values())) {
      if (group.takeOverflow()) {
        KeyMap<PrefixGroup.Change> _ = group.take();
        tellOfAll(group.clients);
      } else if (group.hasChanges()) {
        broadcast(group, group.take());
      }
    }
    giveUpKeys();
  }

  private void broadcast(PrefixGroup group, KeyMap<PrefixGroup.Change> changed) {
    for (TrackedClient tracked : List.copyOf(group.clients)) {
      int told = 0;
      for (KeyMap.Node<PrefixGroup.Change> node = changed.first();
          node != null;
          node = node.next()) {
        told += isTold(tracked, node.value()) ? 1 : 0;
      }
      Client receiver = told == 0 ? null : begin(tracked);
      if (receiver == null) {
        continue;
      }
      writer.array(told);
      for (KeyMap.Node<PrefixGroup.Change> node = changed.first();
          node != null;
          node = node.next()) {
        if (isTold(tracked, node.value())) {
          writer.bulk(node.key());
        }
      }
      send(receiver);
    }
  }

  private static boolean isTold(TrackedClient tracked, PrefixGroup.Change change) {
    return !tracked.noLoop || change.by != tracked.client;
  }

  // ---- The limit -------------------------------------------------------------------------------

  @Override
  public void cron() {
    giveUpKeys();
    table.purge();
  }

  /// Gives up keys while there are too many, whichever they are: their readers are told that they
  /// have changed.
  private void giveUpKeys() {
    if (table.keys() <= maxKeys) {
      roundsOverLimit = 0;
      return;
    }
    int effort = GIVEN_UP_AT_ONCE * ++roundsOverLimit;
    while (table.keys() > maxKeys && effort-- > 0) {
      long entry = table.any();
      TrackingTable.key(entry, slice);
      invalidate(entry, slice, null);
    }
  }

  // ---- Messages --------------------------------------------------------------------------------

  /// Begins a message for a client or the one that it is redirected to. Null if that one cannot be
  /// told: RESP2 knows messages of subscriptions only.
  private @Nullable Client begin(TrackedClient tracked) {
    Client receiver = tracked.client;
    boolean redirected = tracked.redirect != TrackedClient.NOT_REDIRECTED;
    if (redirected) {
      Client other = engine.clients().find(tracked.redirect);
      if (other == null || !other.isOpen()) {
        tellBroken(tracked);
        return null;
      }
      receiver = other;
    }
    if (receiver.protocol() == 2 && !(redirected && receiver.subscriptions() > 0)) {
      return null;
    }
    message.clear();
    writer.to(message, receiver.protocol());
    if (receiver.protocol() == 2) {
      writer.push(3);
      writer.bulk("message");
      writer.bulk(CHANNEL);
    } else {
      writer.push(2);
      writer.bulk("invalidate");
    }
    return receiver;
  }

  private void send(Client receiver) {
    engine.push(receiver, message.address(), message.length());
    trim(message);
  }

  private void tellBroken(TrackedClient tracked) {
    tracked.redirectBroken = true;
    tracked.show();
    if (tracked.client.protocol() > 2) {
      message.clear();
      writer.to(message, tracked.client.protocol());
      writer.push(2);
      writer.bulk("tracking-redir-broken");
      writer.integer(tracked.redirect);
      send(tracked.client);
    }
  }

  private static void trim(NativeBuffer buffer) {
    if (buffer.capacity() > KEPT_MESSAGE_BYTES) {
      buffer.clear();
      buffer.shrinkTo(INITIAL_MESSAGE_BYTES);
    }
  }

  // ---- Looking ---------------------------------------------------------------------------------

  /// The client's CLIENT CACHING, which says yes or no to the next command.
  void caching(Client client, boolean yes) {
    TrackedClient tracked = clients.get(client);
    if (tracked == null) {
      throw ReplyError.err(
          "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or"
              + " OPTOUT mode enabled");
    }
    if (tracked.mode != (yes ? TrackedClient.Mode.OPTIN : TrackedClient.Mode.OPTOUT)) {
      throw ReplyError.err(
          yes
              ? "CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode."
              : "CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
    }
    tracked.caching = true;
  }

  /// `tracking_clients` of INFO.
  public int clients() {
    return clients.size();
  }

  /// `tracking_total_keys` of INFO.
  public long keys() {
    return table.keys();
  }

  /// `tracking_total_items` of INFO.
  public long items() {
    return table.items();
  }

  /// `tracking_total_prefixes` of INFO.
  public int prefixes() {
    return groups.size();
  }

  /// What remembering takes of memory.
  public long bytes() {
    return table.bytes();
  }

  @Override
  public void close() {
    message.close();
    table.close();
  }
}
