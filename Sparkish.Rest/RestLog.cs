using Microsoft.Extensions.Logging;
using Sparkish.Deploy;

namespace Sparkish.Rest;

/// <summary>Log events of the REST submission server: 3700 to 3719.</summary>
internal static partial class RestLog
{
    [LoggerMessage(3701, LogLevel.Information, "REST submission server started at {Url} ({Protection})")]
    public static partial void RestStarted(this ILogger log, string url, string protection);

    [LoggerMessage(3702, LogLevel.Information, "Driver {Driver} of {Application} was submitted over HTTP by {Source}")]
    public static partial void SubmittedOverHttp(this ILogger log, DriverId driver, string application, string source);

    [LoggerMessage(3703, LogLevel.Information, "Kill of driver {Driver} was requested over HTTP by {Source}")]
    public static partial void KilledOverHttp(this ILogger log, DriverId driver, string source);

    [LoggerMessage(3704, LogLevel.Information, "Kill of all drivers was requested over HTTP by {Source}")]
    public static partial void AllKilledOverHttp(this ILogger log, string source);

    [LoggerMessage(3705, LogLevel.Information, "The history of drivers and applications was cleared over HTTP by {Source}")]
    public static partial void ClearedOverHttp(this ILogger log, string source);

    [LoggerMessage(3706, LogLevel.Warning, "Refused a request over HTTP of {Source} with status {Status}: {Reason}{LeftOut}")]
    public static partial void RefusedOverHttp(this ILogger log, string source, int status, string reason, string leftOut);

    [LoggerMessage(3707, LogLevel.Warning, "Refused a connection over HTTP of {Source}, which has {Count} already{LeftOut}")]
    public static partial void ConnectionRefusedOverHttp(this ILogger log, string source, int count, string leftOut);

    [LoggerMessage(3708, LogLevel.Error, "A request over HTTP of {Source} failed unexpectedly")]
    public static partial void FailedOverHttp(this ILogger log, Exception error, string source);
}
