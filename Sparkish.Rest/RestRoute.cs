#pragma warning disable MA0048 // an action and its path belong together
namespace Sparkish.Rest;

/// <summary>The actions of the protocol.</summary>
internal enum RestAction
{
    Create,
    Kill,
    KillAll,
    Status,
    Clear,
    Readyz,
}

/// <summary>The action in the path of a request, <c>/v1/submissions/ACTION/ID</c>.</summary>
/// <param name="Action">The action.</param>
/// <param name="Id">The driver; null if the path names none.</param>
internal sealed record RestRoute(RestAction Action, string? Id)
{
    public const string Version = "v1";

    private const string Prefix = "submissions";
    private const string Advice = $" Please submit requests through http://[host]:[port]/{Version}/{Prefix}/...";
    private const string NoAction = "Missing an action: please specify one of /create, /kill, /killall, /clear, /status, or /readyz.";

    /// <summary>The only method of an action. Nothing that changes something can be asked for by a link.</summary>
    public string Method => Action is RestAction.Status or RestAction.Readyz ? "GET" : "POST";

    /// <summary>Parses a path.</summary>
    /// <exception cref="RestException">It names no action; the answer is Spark's.</exception>
    public static RestRoute Parse(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [Version, Prefix, var name, .. var rest] when ActionOf(name) is { } action => new RestRoute(action, rest is [var id, ..] ? id : null),
        [] => throw Wrong("Missing protocol version."),
        [Version] => throw Wrong("Missing the /submissions prefix."),
        [Version, Prefix, ..] => throw Wrong(NoAction),
        [var version, ..] => throw new RestException(
            new RestError(RestError.UnknownProtocolVersion, $"Unknown protocol version '{version}'.{Advice}", Version)),
    };

    private static RestAction? ActionOf(string name) => name switch
    {
        "create" => RestAction.Create,
        "kill" => RestAction.Kill,
        "killall" => RestAction.KillAll,
        "status" => RestAction.Status,
        "clear" => RestAction.Clear,
        "readyz" => RestAction.Readyz,
        _ => null,
    };

    private static RestException Wrong(string message) => new(RestError.BadRequest(message + Advice));
}
