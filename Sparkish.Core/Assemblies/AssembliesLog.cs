using Microsoft.Extensions.Logging;

namespace Sparkish.Assemblies;

internal static partial class AssembliesLog
{
    [LoggerMessage(1201, LogLevel.Information, "Fetched {File} from the {Source} ({Hash})")]
    public static partial void AssetFetched(this ILogger log, string file, string source, string hash);
}
