package carnelian.engine.acl;

import carnelian.base.OsError;
import carnelian.command.Arguments;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandTable;
import carnelian.engine.Denial;
import carnelian.engine.Engine;
import carnelian.engine.Permissions;
import carnelian.engine.pubsub.PubSub;
import carnelian.memory.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The users of an engine. On its thread.
///
/// A client carries its user's name and whether that user is restricted at all; only then does the
/// engine ask here. So a store with no users but the default one pays a single branch a command.
public final class Acl implements Permissions, AutoCloseable {
  /// Of a key or channel that was denied.
  private static final int MAX_SHOWN_BYTES = 4096;

  private static final String MODIFIER_ERROR = "Error in ACL SETUSER modifier '";
  private static final String NOTHING_CHANGED =
      "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

  private final Engine engine;
  private final PubSub pubSub;
  private final AclLog log = new AclLog();
  private final Verdict verdict = new Verdict();
  private SortedMap<String, User> users = new TreeMap<>();
  private @Nullable Function<Call, String> clientLine;
  private boolean everyChannel;
  private @Nullable Path file;

  /// A configuration of users that cannot be used.
  public static final class InvalidUsersException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    InvalidUsersException(String reason) {
      super(reason);
      this.reason = reason;
    }

    public String reason() {
      return reason;
    }
  }

  /// Becomes the engine's permissions, with a default user who may do everything.
  public Acl(Engine engine, PubSub pubSub) {
    this.engine = engine;
    this.pubSub = pubSub;
    users.put(Client.DEFAULT_USER, newDefaultUser());
    engine.permissions(this);
    refreshClients();
  }

  private User newDefaultUser() {
    User user = new User(Client.DEFAULT_USER, true);
    applyKnown(user, "+@all");
    applyKnown(user, "~*");
    applyKnown(user, "on");
    applyKnown(user, "nopass");
    return user;
  }

  private void applyKnown(User user, String rule) {
    try {
      user.apply(rule, commands(), everyChannel);
    } catch (RuleException e) {
      throw new IllegalStateException(rule, e);
    }
  }

  // ---- Settings --------------------------------------------------------------------------------

  /// `acl-pubsub-default`: whether new users may use all channels.
  public void everyChannelByDefault(boolean every) {
    everyChannel = every;
  }

  /// `aclfile`; null if there is none.
  public void file(@Nullable Path path) {
    file = path;
  }

  /// How the audit describes the client of a call.
  public void clientLine(Function<Call, String> description) {
    clientLine = description;
  }

  /// `requirepass`: the one password of the default user; none if empty.
  public void defaultPassword(String password) {
    User user = user(Client.DEFAULT_USER);
    applyKnown(user, "resetpass");
    applyKnown(user, password.isEmpty() ? "nopass" : ">" + password);
    refreshClients();
  }

  public AclLog log() {
    return log;
  }

  // ---- Users -----------------------------------------------------------------------------------

  CommandTable commands() {
    return engine.commands();
  }

  @Nullable User find(String name) {
    return users.get(name);
  }

  /// Whether there is a user of this name.
  public boolean knows(String name) {
    return users.containsKey(name);
  }

  private User user(String name) {
    User user = users.get(name);
    if (user == null) {
      throw new IllegalStateException("no user " + name);
    }
    return user;
  }

  /// All users, by name.
  Collection<User> all() {
    return Collections.unmodifiableCollection(users.values());
  }

  /// The lines that make all users, for files.
  public List<String> lines() {
    return users.values().stream().map(User::line).toList();
  }

  /// Whether AUTH with a password alone makes sense.
  public boolean defaultNeedsPassword() {
    return !user(Client.DEFAULT_USER).needsNoPassword();
  }

  /// Changes a user, or makes one; all rules are applied or none. Replies with what is wrong, or
  /// null.
  @Nullable String set(String name, List<String> words) {
    StringBuilder unmatched = new StringBuilder();
    List<String> rules = User.joined(words, unmatched);
    if (rules == null) {
      return "Unmatched parenthesis in acl selector starting at '" + unmatched + "'.";
    }
    User before = users.get(name);
    User after = before == null ? new User(name, everyChannel) : new User(name, before);
    for (String rule : rules) {
      try {
        after.apply(rule, commands(), everyChannel);
      } catch (RuleException e) {
        return MODIFIER_ERROR + rule + "': " + e.getMessage();
      }
    }
    users.put(name, after);
    refreshClients();
    if (before != null) {
      closeRevokedSubscribers(after);
    }
    return null;
  }

  /// Removes a user and closes its connections. False if there is none. Never the default user.
  boolean delete(String name) {
    if (users.remove(name) == null) {
      return false;
    }
    closeClientsOf(name);
    return true;
  }

  private void closeClientsOf(String name) {
    for (Client client : engine.clients().snapshot()) {
      if (client.user().equals(name)) {
        engine.forgetUser(client);
        engine.kill(client);
      }
    }
  }

  /// Subscribers who are no longer allowed what they listen to are closed.
  private void closeRevokedSubscribers(User user) {
    List<String> allowed = new ArrayList<>();
    for (Selector selector : user.selectors()) {
      if (selector.allowsAllChannels()) {
        return;
      }
      allowed.addAll(selector.channels());
    }
    for (Client client : engine.clients().snapshot()) {
      boolean revoked =
          client.subscriptions() > 0
              && client.user().equals(user.name())
              && !pubSub.allMatch(
                  client,
                  (channel, isPattern) ->
                      Selector.allowsChannel(allowed, channel, isPattern, verdict.matcher()));
      if (revoked) {
        engine.kill(client);
      }
    }
  }

  /// Tells the engine and every client what has become of the rules.
  private void refreshClients() {
    User standard = user(Client.DEFAULT_USER);
    engine.defaultUser(
        !standard.needsNoPassword() || !standard.isEnabled(), !standard.mayDoEverything());
    for (Client client : engine.clients().all()) {
      User user = users.get(client.user());
      client.restricted(user == null || !user.mayDoEverything());
    }
  }

  // ---- Checking --------------------------------------------------------------------------------

  /// AUTH: makes the client of the call this user if the password is right. A failure is put on
  /// record.
  public boolean authenticate(Call call, String name, String password) {
    User user = users.get(name);
    Client client = call.client();
    if (user != null && user.admits(password)) {
      client.authenticate(name, !user.mayDoEverything());
      return true;
    }
    log.add(
        AclLog.Reason.AUTH,
        client.isInTransaction() ? Context.MULTI : Context.TOPLEVEL,
        call.arg(0).toString(),
        name,
        call.nowMillis(),
        lineOf(call));
    return false;
  }

  /// Who calls, for the log.
  private String lineOf(Call call) {
    return clientLine == null ? "" : clientLine.apply(call);
  }

  @Override
  public @Nullable Denial check(Call call, Context context) {
    String name = call.client().user();
    Denial denial = verdict.of(user(name), call.entry(), call);
    if (denial != null) {
      String object = denial == Denial.COMMAND ? call.name() : culprit(call);
      log.add(AclLog.Reason.of(denial), context, object, name, call.nowMillis(), lineOf(call));
    }
    return denial;
  }

  @Override
  public boolean permits(Call call) {
    Client client = call.client();
    return !client.isRestricted() || verdict.of(user(client.user()), call.entry(), call) == null;
  }

  @Override
  public boolean mayReadAnyKey(Call call) {
    return verdict.mayReadAnyKey(user(call.client().user()), call.entry(), call);
  }

  /// What forbids a user a call that nobody makes; null if nothing does. See [#culprit].
  @Nullable Denial dryRun(User user, CommandEntry entry, Arguments args) {
    return verdict.of(user, entry, args);
  }

  /// The key or channel that the last denial is about, or its beginning.
  String culprit(Arguments args) {
    Slice object = args.arg(verdict.culprit());
    return new Slice().set(object.at, Math.min(object.length, MAX_SHOWN_BYTES)).toString();
  }

  // ---- Files -----------------------------------------------------------------------------------

  /// Makes the users that the configuration names, or those of the ACL file: once, at the start.
  ///
  /// @param statements name and rules of each user
  public void loadAtStart(List<List<String>> statements) throws InvalidUsersException {
    if (file != null && !statements.isEmpty()) {
      throw new InvalidUsersException(
          "Users are defined both in the configuration and in an ACL file (aclfile). Name them in"
              + " one of the two.");
    }
    for (List<String> statement : statements) {
      loadConfigured(statement.getFirst(), statement.subList(1, statement.size()));
    }
    if (file != null) {
      String errors = load();
      if (errors != null) {
        throw new InvalidUsersException("Aborting startup because of ACL errors: " + errors);
      }
    }
    refreshClients();
  }

  private void loadConfigured(String name, List<String> words) throws InvalidUsersException {
    if (Selector.hasSpaces(name)) {
      throw new InvalidUsersException("Spaces not allowed in ACL usernames");
    }
    boolean isDefault = name.equals(Client.DEFAULT_USER);
    User user = new User(name, everyChannel);
    StringBuilder unmatched = new StringBuilder();
    List<String> rules = User.joined(words, unmatched);
    if (rules == null) {
      throw new InvalidUsersException(
          "Unmatched parenthesis in acl selector starting at '" + unmatched + "'.");
    }
    if (isDefault) {
      applyKnown(user, "reset");
    }
    for (String rule : rules) {
      try {
        user.apply(rule, commands(), everyChannel);
      } catch (RuleException e) {
        throw new InvalidUsersException(
            "Error loading ACL rule '"
                + rule
                + "' for the user named '"
                + name
                + "': "
                + e.getMessage());
      }
    }
    users.put(name, user);
  }

  boolean hasFile() {
    return file != null;
  }

  /// ACL LOAD: the users of the file instead of those of now, or none of it. Connections of all but
  /// the default user are closed. Replies with what is wrong, or null.
  @Nullable String load() {
    Path path = required(file);
    List<String> lines;
    try {
      lines = AclFile.read(path);
    } catch (IOException e) {
      return "Error loading ACLs, opening file '" + path + "': " + OsError.text(e);
    }
    SortedMap<String, User> loaded = new TreeMap<>();
    StringBuilder errors = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      String line = AclFile.trimmed(lines.get(i));
      if (!line.isEmpty()) {
        loadLine(line, i + 1, path, loaded, errors);
      }
    }
    if (!errors.isEmpty()) {
      return errors + NOTHING_CHANGED;
    }
    loaded.computeIfAbsent(Client.DEFAULT_USER, _ -> newDefaultUser());
    Collection<User> replaced = users.values();
    users = loaded;
    for (User user : replaced) {
      if (!user.name().equals(Client.DEFAULT_USER)) {
        closeClientsOf(user.name());
      }
    }
    refreshClients();
    return null;
  }

  private void loadLine(
      String line, int number, Path path, Map<String, User> loaded, StringBuilder errors) {
    List<String> words = List.of(line.split(" ", -1));
    String place = path + ":" + number;
    if (!words.getFirst().equals("user") || words.size() < 2) {
      errors.append(place).append(" should start with user keyword followed by the username. ");
      return;
    }
    String name = words.get(1);
    if (Selector.hasSpaces(name)) {
      errors.append('\'').append(place).append(": username '").append(name);
      errors.append("' contains invalid characters. ");
      return;
    }
    if (loaded.containsKey(name)) {
      errors.append("WARNING: Duplicate user '").append(name);
      errors.append("' found on line ").append(number).append(". ");
      return;
    }
    User user = new User(name, everyChannel);
    loaded.put(name, user);
    List<String> rules = User.joined(words.subList(2, words.size()), new StringBuilder());
    if (rules == null) {
      errors.append(place).append(": Unmatched parenthesis in selector definition.");
      return;
    }
    boolean faulty = false;
    for (String rule : rules) {
      try {
        user.apply(AclFile.trimmed(rule), commands(), everyChannel);
      } catch (RuleException e) {
        if (e.reason() == RuleException.Reason.UNKNOWN_COMMAND) {
          errors.append(place).append(": Error in applying operation '").append(rule).append("': ");
          errors.append(e.getMessage()).append(". ");
        } else if (!faulty) {
          // Other rules may hold secrets, and one fault leads to the next.
          errors.append(place).append(": ").append(e.getMessage()).append(". ");
          faulty = true;
        }
      }
    }
  }

  /// ACL SAVE. Blocks on fsync.
  void save() throws IOException {
    AclFile.write(required(file), lines(), ".tmp-" + engine.clock().wallMillis());
  }

  private static Path required(@Nullable Path path) {
    if (path == null) {
      throw new IllegalStateException("no ACL file");
    }
    return path;
  }

  @Override
  public void close() {
    verdict.close();
  }
}
