using Microsoft.Extensions.Logging;

namespace Sparkish.Configuration;

internal static partial class ConfigurationLog
{
    [LoggerMessage(1101, LogLevel.Warning, "{Key} is not a known key and has no effect: did you mean {Known}?")]
    public static partial void KeyNotKnown(this ILogger log, string key, string known);
}
