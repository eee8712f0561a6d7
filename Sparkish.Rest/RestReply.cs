using System.Buffers;
using System.Text.Json;

namespace Sparkish.Rest;

/// <summary>An answer of the protocol: a JSON object whose keys are in alphabetical order, without those that have no value, as in Spark.</summary>
internal sealed class RestReply
{
    private static readonly JsonWriterOptions Format = new() { Indented = true };
    private static readonly string OwnVersion = typeof(RestReply).Assembly.GetName().Version!.ToString(3);

    private readonly SortedDictionary<string, object> _fields = new(StringComparer.Ordinal);

    private RestReply(int status, string action)
    {
        Status = status;
        _fields["action"] = action;
        _fields["serverSparkVersion"] = OwnVersion;
    }

    public int Status { get; }

    public static RestReply Of(RestError error) =>
        new RestReply(error.Status, "ErrorResponse").With("message", error.Message).With("highestProtocolVersion", error.HighestProtocolVersion);

    /// <summary>An answer with status 200, also for a request that the master did not carry out.</summary>
    public static RestReply Of(string action, bool success) => new RestReply(200, action).With("success", success);

    public RestReply With(string field, object? value)
    {
        if (value is not null) _fields[field] = value;
        return this;
    }

    /// <summary>The answer as UTF-8.</summary>
    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Format))
        {
            writer.WriteStartObject();
            foreach (var (field, value) in _fields) Write(writer, field, value);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, string field, object value)
    {
        switch (value)
        {
            case bool flag: writer.WriteBoolean(field, flag); break;
            case IReadOnlyList<string> texts:
                writer.WriteStartArray(field);
                foreach (var text in texts) writer.WriteStringValue(text);
                writer.WriteEndArray();
                break;
            default: writer.WriteString(field, (string)value); break;
        }
    }
}
