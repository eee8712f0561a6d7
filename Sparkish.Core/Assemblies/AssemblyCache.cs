using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Assemblies;

/// <summary>
/// Assemblies fetched by name from where an application runs, when they are first asked for; kept by name and module version id for all who share the
/// directory. Blocks its callers.
/// </summary>
/// <param name="open">Opens a path of the application's env as a stream.</param>
/// <param name="directory">Where the files are kept.</param>
/// <param name="log">Told of each file.</param>
internal sealed class AssemblyCache(Func<string, Stream> open, string directory, ILogger log)
{
    /// <summary>The file of an assembly; null if the application has none of this name: it is the framework's, or nobody's.</summary>
    public string? Find(string name)
    {
        try
        {
            return Fetch(name);
        }
        catch (BulkNotFoundException)
        {
            return null;
        }
    }

    private string Fetch(string name)
    {
        var version = ReadVersion(name);
        var cached = Path.Combine(directory, $"{name}-{version:N}.dll");
        if (File.Exists(cached)) return cached;
        Directory.CreateDirectory(directory);
        var aside = $"{cached}.{Guid.NewGuid():N}";
        try
        {
            using (var source = open(AssemblySource.PathOf(name)))
            using (var file = File.Create(aside))
            {
                source.CopyTo(file);
                log.AssemblyFetched(name, file.Length);
            }

            if (ModuleVersion.Of(aside) != version)
                throw new SparkException($"The driver sent another build of {name} than it named ({version}): its files changed while it ran. Start the application again.");
            File.Move(aside, cached, overwrite: true);
            return cached;
        }
        finally
        {
            File.Delete(aside);
        }
    }

    private Guid ReadVersion(string name)
    {
        Span<byte> id = stackalloc byte[16];
        using var source = open(AssemblySource.PathOf(name) + AssemblySource.VersionQuery);
        source.ReadExactly(id);
        return new Guid(id);
    }
}
