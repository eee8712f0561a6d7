using Microsoft.Extensions.Logging;

namespace Sparkish.Assemblies;

internal static partial class AssembliesLog
{
    [LoggerMessage(1201, LogLevel.Information, "Assembly {Assembly} ({Bytes} bytes) fetched from the application")]
    public static partial void AssemblyFetched(this ILogger log, string assembly, long bytes);
}
