package carnelian.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All clients of an engine by their id, oldest first. Ids are never used again.
public final class Clients {
  private final Map<Long, Client> byId = new LinkedHashMap<>();
  private long nextId = 1;

  Clients() {}

  public int size() {
    return byId.size();
  }

  public @Nullable Client find(long id) {
    return byId.get(id);
  }

  /// A view; must not be walked while clients come or go. See [#snapshot].
  public Collection<Client> all() {
    return Collections.unmodifiableCollection(byId.values());
  }

  /// A copy, for walks that close clients.
  public List<Client> snapshot() {
    return new ArrayList<>(byId.values());
  }

  long newId() {
    return nextId++;
  }

  void add(Client client) {
    byId.put(client.id(), client);
  }

  void remove(Client client) {
    byId.remove(client.id());
  }
}
