#pragma warning disable MA0048 // an error and its exception belong together
namespace Sparkish.Rest;

/// <summary>A request that is answered with Spark's <c>ErrorResponse</c>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Message">The reason, for people.</param>
/// <param name="HighestProtocolVersion">The newest protocol version of this server, if the request named another one.</param>
internal sealed record RestError(int Status, string Message, string? HighestProtocolVersion = null)
{
    /// <summary>The status for a protocol version that the server does not speak, as in Spark.</summary>
    public const int UnknownProtocolVersion = 468;

    public static RestError BadRequest(string message) => new(400, message);

    public static RestError Malformed(string message) => new(400, $"Malformed request: {message}");

    public static RestError Internal(string message) => new(500, $"Internal server error: {message}");
}

/// <summary>Thrown where a request cannot be understood; it becomes the answer.</summary>
internal sealed class RestException(RestError error) : Exception(error.Message)
{
    public RestError Error { get; } = error;
}
