using System.Globalization;

namespace Sparkish.Deploy;

/// <summary>Settings of the form <c>spark.….resource.NAME.amount</c>, whose names are those of custom resources.</summary>
internal static class ResourceAmounts
{
    public const string OfWorker = "spark.worker.resource.";
    public const string OfExecutor = "spark.executor.resource.";
    public const string Amount = "amount";

    /// <summary>Returns the amounts, in the order of the names.</summary>
    /// <param name="conf">The settings.</param>
    /// <param name="prefix">The keys' beginning, up to the name.</param>
    /// <param name="others">Other settings of a resource that may be there.</param>
    /// <exception cref="SparkException">A key is not complete, or an amount is not a whole number.</exception>
    public static IReadOnlyList<ResourceRequirement> Of(SparkConf conf, string prefix, params string[] others)
    {
        var amounts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (key, value) in conf.Settings.Where(setting => setting.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var name = key[prefix.Length..(key.LastIndexOf('.') is var dot && dot > prefix.Length ? dot : prefix.Length)];
            var what = key[(key.LastIndexOf('.') + 1)..];
            if (name.Length == 0 || (what != Amount && !others.Contains(what, StringComparer.Ordinal)))
                throw new SparkException($"'{key}' is not a setting of a resource: write {prefix}NAME.{string.Join($" or {prefix}NAME.", others.Prepend(Amount))}.");
            if (what != Amount) continue;
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) || amount < 1)
                throw new SparkException($"{key} is '{value}' but must be a whole number of at least 1.");
            amounts[name] = amount;
        }

        return [.. amounts.Select(static amount => new ResourceRequirement(amount.Key, amount.Value))];
    }
}
