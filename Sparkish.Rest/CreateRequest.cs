using System.Text.Json;

namespace Sparkish.Rest;

/// <summary>Spark's <c>CreateSubmissionRequest</c>.</summary>
/// <param name="AppResource">The application.</param>
/// <param name="MainClass">The name of its main class.</param>
/// <param name="AppArgs">Its arguments.</param>
/// <param name="Environment">The environment variables of the driver.</param>
/// <param name="Properties">The settings of the application.</param>
/// <param name="UnknownFields">Further fields of the request, which have no effect.</param>
internal sealed record CreateRequest(
    string AppResource, string MainClass, string[] AppArgs, IReadOnlyDictionary<string, string> Environment, IReadOnlyDictionary<string, string> Properties,
    string[] UnknownFields)
{
    private const string Name = "CreateSubmissionRequest";
    private const int MaxDepth = 8;
    private const int MaxUnknown = 100;

    private static readonly string[] Fields =
        ["action", "appArgs", "appResource", "clientSparkVersion", "environmentVariables", "mainClass", "message", "sparkProperties"];

    // Messages that Spark's server knows, but not here. It fails for all others, since it looks for a class of that name.
    private static readonly string[] OtherMessages =
    [
        "CreateSubmissionResponse", "KillSubmissionResponse", "KillAllSubmissionResponse", "SubmissionStatusResponse", "ClearResponse", "ReadyzResponse",
        "ErrorResponse",
    ];

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Parses the body of a request.</summary>
    /// <exception cref="RestException">It is not such a request; the answer names the reason.</exception>
    public static CreateRequest Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Read(document.RootElement);
        }
        catch (JsonException error)
        {
            throw Malformed($"the body is not valid JSON: {error.Message}");
        }
        catch (InvalidOperationException error)
        {
            throw Malformed($"the body is not valid JSON: {error.Message}"); // half of a surrogate pair in a text
        }
    }

    private static CreateRequest Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw Malformed($"the body is a JSON {root.ValueKind} but must be an object.");
        var action = TextOf(root, "action") ?? throw Malformed("the field 'action' is missing.");
        if (OtherMessages.Contains(action, StringComparer.Ordinal))
            throw new RestException(RestError.BadRequest($"Received message of unexpected type {action}."));
        if (action != Name) throw new RestException(RestError.Internal($"unknown message type '{Shown(action)}': send {Name}."));
        _ = Required(root, "clientSparkVersion");
        var properties = Map(root, "sparkProperties") ?? throw Missing("sparkProperties");
        return new CreateRequest(Required(root, "appResource"), TextOf(root, "mainClass") ?? throw Malformed("Main class is missing."),
            Texts(root, "appArgs"), Map(root, "environmentVariables") ?? new Dictionary<string, string>(StringComparer.Ordinal), properties,
            [.. root.EnumerateObject().Select(static field => Shown(field.Name)).Except(Fields, StringComparer.Ordinal).Take(MaxUnknown)]);
    }

    private static string Required(JsonElement root, string field) => TextOf(root, field) ?? throw Missing(field);

    private static string? TextOf(JsonElement root, string field) =>
        root.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? Scalar(value, field) : null;

    private static string[] Texts(JsonElement root, string field)
    {
        if (!root.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null) return [];
        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(one => Scalar(one, field))]
            : throw Malformed($"'{field}' must be an array of texts.");
    }

    private static Dictionary<string, string>? Map(JsonElement root, string field)
    {
        if (!root.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().ToDictionary(static one => one.Name, one => Scalar(one.Value, $"{field}.{Shown(one.Name)}"), StringComparer.Ordinal)
            : throw Malformed($"'{field}' must be an object of texts.");
    }

    // Spark's clients may send numbers and booleans, which its server takes as texts.
    private static string Scalar(JsonElement value, string field) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw Malformed($"'{field}' is a JSON {value.ValueKind} but must be a text."),
    };

    private static string Shown(string text) => text.Length <= 64 ? text : text[..64] + "…";

    private static RestException Missing(string field) => Malformed($"Validation of message {Name} failed! '{field}' is missing in message {Name}.");

    private static RestException Malformed(string message) => new(RestError.Malformed(message));
}
