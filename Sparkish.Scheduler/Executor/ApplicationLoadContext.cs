using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Executor;

/// <summary>
/// Where an executor process loads its application's assemblies: fetched from the driver by name, kept on the worker by name and module version id for
/// all its executors. The framework and Sparkish itself come from this process.
/// </summary>
internal sealed class ApplicationLoadContext(string appId, RpcEnv env, RpcAddress driver, string cacheDirectory, ILogger log) : AssemblyLoadContext(appId)
{
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var name = assemblyName.Name!;
        if (IsOwn(name)) return null;
        try
        {
            return LoadFromAssemblyPath(Fetch(name));
        }
        catch (BulkNotFoundException)
        {
            // Not the application's: the framework's, or nobody's, which the default context finds out.
            return null;
        }
    }

    private static bool IsOwn(string name) => name is "Sparkish.Core" or "Sparkish.Scheduler" or "Sparkish.Deploy" || ApplicationFiles.IsFrameworkName(name);

    private string Fetch(string name)
    {
        var version = ReadVersion(name);
        var cached = Path.Combine(cacheDirectory, $"{name}-{version:N}.dll");
        if (File.Exists(cached)) return cached;
        Directory.CreateDirectory(cacheDirectory);
        var aside = $"{cached}.{Guid.NewGuid():N}";
        try
        {
            using (var source = env.OpenBulk(driver, $"{AssemblySource.BulkPrefix}/{name}"))
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
        using var source = env.OpenBulk(driver, $"{AssemblySource.BulkPrefix}/{name}{AssemblySource.VersionSuffix}");
        source.ReadExactly(id);
        return new Guid(id);
    }
}
