using Sparkish.Deploy;

namespace Sparkish.Tests.Deploy;

/// <summary>Applications as tests describe them.</summary>
internal static class Descriptions
{
    public static ApplicationDescription Of(int? maxCores = null, int? coresPerExecutor = null, int memoryMiB = 1024) => new("test", "me",
        "spark://CoarseGrainedScheduler@127.0.0.1:1", maxCores, coresPerExecutor, memoryMiB, new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>A secret of an application, such as a master makes.</summary>
    public static ApplicationSecret Secret { get; } = ApplicationSecret.New();
}
