namespace Sparkish.Deploy.Worker.Resources;

/// <summary>
/// The custom resources that a worker offers: <c>spark.worker.resource.NAME.amount</c> units of each, at addresses from
/// <c>spark.worker.resourcesFile</c> or from the program <c>spark.worker.resource.NAME.discoveryScript</c>.
/// </summary>
internal static class WorkerResources
{
    private const string Script = "discoveryScript";

    /// <summary>Finds the resources.</summary>
    /// <returns>The resources in the order of their names; null for none.</returns>
    /// <exception cref="SparkException">A setting is wrong, the file or the program does not name enough addresses, or the program fails.</exception>
    public static async Task<ResourceInformation[]?> FindAsync(SparkConf conf, TimeProvider time)
    {
        var requested = ResourceAmounts.Of(conf, ResourceAmounts.OfWorker, Script);
        var listed = conf.Get(DeployKeys.WorkerResourcesFile) is { Length: > 0 } file ? ResourceJson.ReadFile(file) : [];
        var found = new List<ResourceInformation>();
        foreach (var (name, amount) in requested) found.Add(Limit(await FindAsync(conf, listed, name, time).ConfigureAwait(false), amount));
        found.AddRange(listed.Where(resource => requested.All(request => request.Name != resource.Name))); // as in Spark, a file alone is enough
        if (found.Count == 0) return null;

        var sorted = found.OrderBy(static resource => resource.Name, StringComparer.Ordinal).ToArray();
        return DeployRules.OfResources(sorted) is { } problem ? throw new SparkException($"The resources of this worker are not valid: {problem}.") : sorted;
    }

    private static async Task<ResourceInformation> FindAsync(SparkConf conf, IReadOnlyList<ResourceInformation> listed, string name, TimeProvider time)
    {
        if (listed.FirstOrDefault(resource => resource.Name == name) is { } known) return known;
        var key = $"{ResourceAmounts.OfWorker}{name}.{Script}";
        return conf.TryGet(key, out var script)
            ? await DiscoveryScript.RunAsync(script, name, key, time).ConfigureAwait(false)
            : throw new SparkException(
                $"{ResourceAmounts.OfWorker}{name}.{ResourceAmounts.Amount} is set, but no addresses are known: set {key} or {DeployKeys.WorkerResourcesFile.Key}.");
    }

    private static ResourceInformation Limit(ResourceInformation found, int amount) => found.Addresses.Length >= amount
        ? found with { Addresses = found.Addresses[..amount] }
        : throw new SparkException($"{ResourceAmounts.OfWorker}{found.Name}.{ResourceAmounts.Amount} is {amount}, but only {found.Addresses.Length} "
            + $"addresses of '{found.Name}' were found: lower it.");
}
