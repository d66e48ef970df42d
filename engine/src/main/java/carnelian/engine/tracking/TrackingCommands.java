package carnelian.engine.tracking;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.integer;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.ReplyShape.ok;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.resp.Reply;
import java.util.ArrayList;
import java.util.List;

/// The subcommands of CLIENT that have to do with client-side caching.
public final class TrackingCommands {
  private static final long NO_REDIRECTION = -1;

  private final Engine engine;
  private final Tracking tracking;

  public TrackingCommands(Engine engine, Tracking tracking) {
    this.engine = engine;
    this.tracking = tracking;
  }

  /// CLIENT CACHING — Says whether the next command's keys are to be tracked.
  public Command caching() {
    return command(
        declare("CLIENT|CACHING")
            .group(Group.CONNECTION)
            .since("6.0.0")
            .complexity("O(1)")
            .summary("Says whether the next command's keys are to be tracked.")
            .arity(3)
            .flags(NOSCRIPT, LOADING, STALE)
            .args(oneOf("mode", pureToken("YES"), pureToken("NO")))
            .replies(ok()),
        this::caching);
  }

  private void caching(Call call) {
    boolean yes = call.is(2, "YES");
    if (tracking.find(call.client()) != null && !yes && !call.is(2, "NO")) {
      throw ReplyError.SYNTAX;
    }
    tracking.caching(call.client(), yes);
    call.reply().ok();
  }

  /// CLIENT GETREDIR — Replies with the connection that gets this one's invalidations.
  public Command getredir() {
    return command(
        declare("CLIENT|GETREDIR")
            .group(Group.CONNECTION)
            .since("6.0.0")
            .complexity("O(1)")
            .summary("Replies with the connection that gets this one's invalidations.")
            .arity(2)
            .flags(NOSCRIPT, LOADING, STALE)
            .replies(integer()),
        call -> call.reply().integer(redirection(call.client())));
  }

  private long redirection(Client client) {
    TrackedClient tracked = tracking.find(client);
    return tracked == null ? NO_REDIRECTION : tracked.redirect;
  }

  /// CLIENT TRACKING — Turns the server's help with client-side caching on or off.
  public Command tracking() {
    return command(
        declare("CLIENT|TRACKING")
            .group(Group.CONNECTION)
            .since("6.0.0")
            .complexity("O(1); options may add to it")
            .summary("Turns the server's help with client-side caching on or off.")
            .arity(-3)
            .flags(NOSCRIPT, LOADING, STALE)
            .args(
                oneOf("status", pureToken("ON"), pureToken("OFF")),
                integer("client-id").token("REDIRECT").optional(),
                string("prefix").token("PREFIX").multipleToken().optional(),
                pureToken("BCAST").optional(),
                pureToken("OPTIN").optional(),
                pureToken("OPTOUT").optional(),
                pureToken("NOLOOP").optional())
            .replies(ok()),
        this::tracking);
  }

  /// The words after CLIENT TRACKING ON.
  private static final class Options {
    long redirect = TrackedClient.NOT_REDIRECTED;
    boolean broadcast;
    boolean optIn;
    boolean optOut;
    boolean noLoop;
    final List<String> prefixes = new ArrayList<>();

    TrackedClient.Mode mode() {
      if (broadcast) {
        return TrackedClient.Mode.BCAST;
      }
      if (optIn) {
        return TrackedClient.Mode.OPTIN;
      }
      return optOut ? TrackedClient.Mode.OPTOUT : TrackedClient.Mode.ALL;
    }
  }

  private void tracking(Call call) {
    Options options = parse(call);
    Client client = call.client();
    if (call.is(2, "OFF")) {
      tracking.forget(client);
    } else if (call.is(2, "ON")) {
      check(client, options);
      tracking.enable(client, options.mode(), options.noLoop, options.redirect, options.prefixes);
    } else {
      throw ReplyError.SYNTAX;
    }
    call.reply().ok();
  }

  private Options parse(Call call) {
    Options options = new Options();
    for (int i = 3; i < call.argc(); i++) {
      boolean more = i + 1 < call.argc();
      if (call.is(i, "REDIRECT") && more) {
        i++;
        if (options.redirect != TrackedClient.NOT_REDIRECTED) {
          throw ReplyError.err("A client can only redirect to a single other client");
        }
        options.redirect = call.integer(i);
        if (engine.clients().find(options.redirect) == null) {
          throw ReplyError.err("The client ID you want redirect to does not exist");
        }
      } else if (call.is(i, "BCAST")) {
        options.broadcast = true;
      } else if (call.is(i, "OPTIN")) {
        options.optIn = true;
      } else if (call.is(i, "OPTOUT")) {
        options.optOut = true;
      } else if (call.is(i, "NOLOOP")) {
        options.noLoop = true;
      } else if (call.is(i, "PREFIX") && more) {
        options.prefixes.add(call.arg(++i).toString());
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    return options;
  }

  /// Whether the options fit each other and what the client has said before.
  private void check(Client client, Options options) {
    TrackedClient tracked = tracking.find(client);
    if (!options.broadcast && !options.prefixes.isEmpty()) {
      throw ReplyError.err("PREFIX option requires BCAST mode to be enabled");
    }
    if (tracked != null && tracked.broadcasts() != options.broadcast) {
      throw ReplyError.err(
          "You can't switch BCAST mode on/off before disabling tracking for this client, and then"
              + " re-enabling it with a different mode.");
    }
    if (options.broadcast && (options.optIn || options.optOut)) {
      throw ReplyError.err("OPTIN and OPTOUT are not compatible with BCAST");
    }
    if (options.optIn && options.optOut) {
      throw ReplyError.err("You can't specify both OPTIN mode and OPTOUT mode");
    }
    if (tracked != null
        && ((options.optIn && tracked.mode == TrackedClient.Mode.OPTOUT)
            || (options.optOut && tracked.mode == TrackedClient.Mode.OPTIN))) {
      throw ReplyError.err(
          "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then"
              + " re-enabling it with a different mode.");
    }
    checkPrefixes(tracked == null ? List.of() : List.copyOf(tracked.prefixes), options.prefixes);
  }

  private static void checkPrefixes(List<String> present, List<String> wanted) {
    for (int i = 0; i < wanted.size(); i++) {
      String prefix = wanted.get(i);
      for (String other : present) {
        if (overlap(prefix, other)) {
          throw collision(prefix, "an existing prefix", other);
        }
      }
      for (String other : wanted.subList(i + 1, wanted.size())) {
        if (overlap(prefix, other)) {
          throw collision(prefix, "another provided prefix", other);
        }
      }
    }
  }

  private static boolean overlap(String a, String b) {
    return a.startsWith(b) || b.startsWith(a);
  }

  private static ReplyError collision(String prefix, String kind, String other) {
    return ReplyError.err(
        "Prefix '"
            + prefix
            + "' overlaps with "
            + kind
            + " '"
            + other
            + "'. Prefixes for a single client must not overlap.");
  }

  /// CLIENT TRACKINGINFO — Tells how client-side caching is set for this connection.
  public Command trackinginfo() {
    return command(
        declare("CLIENT|TRACKINGINFO")
            .group(Group.CONNECTION)
            .since("6.2.0")
            .complexity("O(1)")
            .summary("Tells how client-side caching is set for this connection.")
            .arity(2)
            .flags(NOSCRIPT, LOADING, STALE)
            .replies(map()),
        this::trackinginfo);
  }

  private void trackinginfo(Call call) {
    TrackedClient tracked = tracking.find(call.client());
    List<String> words = tracked == null ? List.of("off") : tracked.words();
    Reply reply = call.reply();
    reply.map(3);
    reply.bulk("flags");
    reply.set(words.size());
    words.forEach(reply::bulk);
    reply.bulk("redirect");
    reply.integer(redirection(call.client()));
    reply.bulk("prefixes");
    List<String> prefixes = tracked == null ? List.of() : List.copyOf(tracked.prefixes);
    reply.array(prefixes.size());
    prefixes.forEach(reply::bulk);
  }
}
