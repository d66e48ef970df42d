package carnelian.harness;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An out-of-band message of RESP3.
public record Push(List<@Nullable Object> parts) {}
