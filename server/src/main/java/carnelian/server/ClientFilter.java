package carnelian.server;

import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.ReplyError;
import carnelian.engine.acl.Acl;
import carnelian.memory.Slice;
import org.jspecify.annotations.Nullable;

/// Which clients a CLIENT KILL means. A filter that is given twice counts as it was given last; a
/// client has to match all of them.
final class ClientFilter {
  private static final ReplyError BAD_ID = ReplyError.err("client-id should be greater than 0");
  private static final int ANY_ID = 0;

  private long id = ANY_ID;
  private @Nullable ClientKind kind;
  private @Nullable String peer;
  private @Nullable String local;
  private @Nullable String user;
  private boolean skipsCaller = true;

  private ClientFilter() {}

  /// The old form, an address and nothing else, which may be the caller's own.
  static ClientFilter peer(Slice address) {
    ClientFilter filter = new ClientFilter();
    filter.peer = address.toString();
    filter.skipsCaller = false;
    return filter;
  }

  /// Reads pairs of a filter's name and its value, from the argument at `first` on.
  static ClientFilter parse(Call call, int first, Acl acl) {
    if ((call.argc() - first) % 2 != 0) {
      throw ReplyError.SYNTAX;
    }
    ClientFilter filter = new ClientFilter();
    for (int i = first; i < call.argc(); i += 2) {
      filter.add(call, i, acl);
    }
    return filter;
  }

  private void add(Call call, int at, Acl acl) {
    Slice value = call.arg(at + 1);
    if (call.is(at, "ID")) {
      id = call.integer(at + 1, 1, Long.MAX_VALUE, BAD_ID);
    } else if (call.is(at, "TYPE")) {
      kind = ClientKind.named(value);
    } else if (call.is(at, "ADDR")) {
      peer = value.toString();
    } else if (call.is(at, "LADDR")) {
      local = value.toString();
    } else if (call.is(at, "USER")) {
      user = knownUser(value, acl);
    } else if (call.is(at, "SKIPME") && value.isIgnoringCase("YES")) {
      skipsCaller = true;
    } else if (call.is(at, "SKIPME") && value.isIgnoringCase("NO")) {
      skipsCaller = false;
    } else {
      throw ReplyError.SYNTAX;
    }
  }

  private static String knownUser(Slice name, Acl acl) {
    String user = name.toString();
    if (!acl.knows(user)) {
      throw ReplyError.err("No such user '" + user + "'");
    }
    return user;
  }

  boolean matches(Client client, Client caller) {
    return (id == ANY_ID || client.id() == id)
        && (kind == null || ClientKind.of(client) == kind)
        && (peer == null || client.outlet().peer().equals(peer))
        && (local == null || client.outlet().local().equals(local))
        && (user == null || (client.isAuthenticated() && client.user().equals(user)))
        && !(skipsCaller && client == caller);
  }
}
