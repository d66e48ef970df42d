package carnelian.server;

import carnelian.base.OsError;
import carnelian.persistence.restore.RestoreException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A server of this machine that is asked where its log is. It may be a Redis.
final class RunningServer implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 5000;
  private static final int MAX_BULK_BYTES = 1 << 20;
  private static final int MAX_LINE_BYTES = 1 << 12;
  private static final int MAX_ITEMS = 64;

  private final String address;
  private final Socket socket = new Socket();
  private final InputStream in;

  private RunningServer(String address, String host, int port) throws IOException {
    this.address = address;
    try {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      socket.close();
      throw new RestoreException(address + ": " + OsError.text(e), e);
    }
  }

  /// Whether it looks like HOST:PORT.
  static boolean isAddress(String text) {
    return text.matches(".+:[0-9]{1,5}");
  }

  /// Connects; `REDISCLI_AUTH` is the password if none is given, as for redis-cli.
  static RunningServer connect(String address, @Nullable String user, @Nullable String password)
      throws IOException {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon).replaceAll("^\\[|]$", "");
    int port = Integer.parseInt(address.substring(colon + 1));
    if (!isLocal(InetAddress.getByName(host))) {
      throw new RestoreException(
          address
              + " is not this machine: a backup reads the server's files, so run it there, or give"
              + " the directory if it is mounted here");
    }
    RunningServer server = new RunningServer(address, host, port);
    String secret = password == null ? System.getenv("REDISCLI_AUTH") : password;
    try {
      if (secret != null && user != null) {
        List<String> _ = server.call("AUTH", user, secret);
      } else if (secret != null) {
        List<String> _ = server.call("AUTH", secret);
      }
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private static boolean isLocal(InetAddress address) throws IOException {
    return address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || NetworkInterface.getByInetAddress(address) != null;
  }

  /// Where its log is; it has to be on, and to work.
  Path logDirectory() throws IOException {
    if (!config("appendonly").equals("yes")) {
      throw new RestoreException(address + " keeps no append only file (appendonly no)");
    }
    if (info("persistence", "aof_last_write_status").equals("err")) {
      throw new RestoreException(
          address + " cannot write its log now (aof_last_write_status:err): it would be behind");
    }
    Path log = Path.of(config("dir")).resolve(config("appenddirname"));
    if (!Files.isDirectory(log)) {
      throw new RestoreException(
          address
              + " says that its log is in "
              + log
              + ", which is not there: a container's path?");
    }
    Path manifest = log.resolve(config("appendfilename") + ".manifest");
    if (!Files.isRegularFile(manifest)) {
      throw new RestoreException(manifest + ": No such file or directory");
    }
    return manifest;
  }

  /// The ID of the history that it writes; empty for a Redis, whose files do not tell theirs.
  String replicationId() throws IOException {
    return info("replication", "master_replid");
  }

  private String config(String name) throws IOException {
    List<String> reply = call("CONFIG", "GET", name);
    if (reply.size() != 2) {
      throw new RestoreException(address + " does not know the directive " + name);
    }
    return reply.getLast();
  }

  private String info(String section, String field) throws IOException {
    for (String line : String.join("", call("INFO", section)).split("\r?\n", -1)) {
      if (line.startsWith(field + ":")) {
        return line.substring(field.length() + 1).strip();
      }
    }
    return "";
  }

  // ---- RESP ------------------------------------------------------------------------------------

  /// A command and its reply: one text, or the texts of a list.
  private List<String> call(String... words) throws IOException {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      request.append('$').append(bytes.length).append("\r\n").append(word).append("\r\n");
    }
    try {
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
      return read(words[0]);
    } catch (RestoreException e) {
      throw e;
    } catch (IOException e) {
      throw new RestoreException(address + ": " + words[0] + ": " + OsError.text(e), e);
    }
  }

  private List<String> read(String command) throws IOException {
    String line = readLine();
    String rest = line.isEmpty() ? "" : line.substring(1);
    return switch (line.isEmpty() ? ' ' : line.charAt(0)) {
      case '+', ':' -> List.of(rest);
      case '$' -> List.of(readBulk(length(rest, MAX_BULK_BYTES)));
      case '*' -> {
        List<String> items = new ArrayList<>();
        int count = length(rest, MAX_ITEMS);
        for (int i = 0; i < count; i++) {
          items.addAll(read(command));
        }
        yield items;
      }
      case '-' -> throw new RestoreException(address + " answers " + command + " with: " + rest);
      default -> throw new IOException("not a reply: " + line);
    };
  }

  private static int length(String digits, int most) throws IOException {
    if (!digits.matches("[0-9]{1,9}") || Integer.parseInt(digits) > most) {
      throw new IOException("a length of " + digits);
    }
    return Integer.parseInt(digits);
  }

  private String readBulk(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length || in.read() != '\r' || in.read() != '\n') {
      throw new EOFException("connection closed within a reply");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    int next;
    while ((next = in.read()) != '\n') {
      if (next < 0 || line.length() > MAX_LINE_BYTES) {
        throw new EOFException("connection closed within a reply");
      }
      line.append((char) next);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
