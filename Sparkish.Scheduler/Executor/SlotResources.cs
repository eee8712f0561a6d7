using System.Globalization;

namespace Sparkish.Executor;

/// <summary>
/// The units of custom resources of one task slot. With <c>spark.task.resource.NAME.amount</c> each slot has units of its own, so that tasks that run at
/// the same time do not share them; with an amount of 1/n, n slots share one. Without it all slots have all units of the executor. Pure.
/// </summary>
internal static class SlotResources
{
    private const string Prefix = "spark.task.resource.";
    private const string Amount = ".amount";

    /// <summary>Returns the addresses of a slot by the names of the resources.</summary>
    /// <exception cref="SparkException">The executor has too few units, or an amount is wrong.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Of(IReadOnlyDictionary<string, IReadOnlyList<string>> all, SparkConf conf, int slot)
    {
        var own = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (name, addresses) in all) own[name] = AmountOf(conf, name) is { } amount ? Share(name, addresses, amount, slot) : addresses;
        return own;
    }

    /// <summary>Checks that the units of an executor suffice for all of its slots.</summary>
    /// <param name="units">The number of units of each resource.</param>
    /// <param name="conf">The settings of the application.</param>
    /// <param name="cores">Number of slots; null if the cluster decides.</param>
    /// <exception cref="SparkException">They do not, or an amount is wrong; the message says what to change.</exception>
    public static void ThrowIfTooFew(IEnumerable<(string Name, int Units)> units, SparkConf conf, int? cores)
    {
        var known = units.ToDictionary(static one => one.Name, static one => one.Units, StringComparer.Ordinal);
        foreach (var key in conf.Settings.Keys.Where(static key => key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (!key.EndsWith(Amount, StringComparison.Ordinal) || key.Length <= Prefix.Length + Amount.Length)
                throw new SparkException($"'{key}' is not a setting of a resource: write {Prefix}NAME{Amount}.");
            var name = key[Prefix.Length..^Amount.Length];
            var amount = AmountOf(conf, name)!.Value;
            if (cores is not { } slots)
                throw new SparkException($"{key} is set, so spark.executor.cores must be, too: otherwise the number of tasks beside each other is not known.");
            var needed = amount >= 1 ? slots * (int)amount : (slots + SlotsPerUnit(amount) - 1) / SlotsPerUnit(amount);
            if (known.GetValueOrDefault(name) >= needed) continue;
            throw new SparkException(string.Create(CultureInfo.InvariantCulture,
                $"An executor with {slots} cores needs {needed} units of '{name}' for its tasks ({key} is {amount}), but spark.executor.resource.{name}.amount is {known.GetValueOrDefault(name)}: raise that, or lower spark.executor.cores."));
        }
    }

    private static IReadOnlyList<string> Share(string name, IReadOnlyList<string> addresses, decimal amount, int slot)
    {
        var (first, count) = amount >= 1 ? (slot * (int)amount, (int)amount) : (slot / SlotsPerUnit(amount), 1);
        if (first + count > addresses.Count)
        {
            throw new SparkException(string.Create(CultureInfo.InvariantCulture,
                $"The executor has {addresses.Count} units of '{name}', too few for a task in slot {slot} ({Prefix}{name}{Amount} is {amount})."));
        }

        return [.. addresses.Skip(first).Take(count)];
    }

    private static int SlotsPerUnit(decimal share) => (int)(1 / share);

    private static decimal? AmountOf(SparkConf conf, string name)
    {
        var key = $"{Prefix}{name}{Amount}";
        if (!conf.TryGet(key, out var text)) return null;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            && (amount is > 0.0001m and <= 0.5m || (amount is >= 1 and <= 10_000 && amount == decimal.Truncate(amount)))) return amount;
        throw new SparkException($"{key} is '{text}' but must be a whole number of at least 1, or a share of at most 0.5 of one unit.");
    }
}
