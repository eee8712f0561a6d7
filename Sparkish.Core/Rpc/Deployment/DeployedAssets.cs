using System.Collections.Concurrent;
using System.Reflection;
using Sparkish.Assemblies;

namespace Sparkish.Rpc.Deployment;

/// <summary>
/// The files of a deployed application: the assemblies that were announced, which are here already, so that to read a message never fetches one; and
/// satellites and native libraries, which are fetched when code first needs them.
/// </summary>
internal sealed class DeployedAssets(ConcurrentDictionary<string, string> announced, ApplicationAssets others) : ILoadedAssets
{
    public string Source => others.Source;

    public string? FindAssembly(AssemblyName assembly) =>
        assembly.CultureName is { Length: > 0 } ? others.FindAssembly(assembly) : announced.GetValueOrDefault(assembly.Name!);

    public string? FindNative(string library) => others.FindNative(library);

    public string? WhyMissing(string library) => others.WhyMissing(library);
}
