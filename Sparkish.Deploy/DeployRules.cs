using Sparkish.Security;
using Sparkish.Validation;

namespace Sparkish.Deploy;

/// <summary>
/// The validation rules of messages between masters, workers and clients: numbers in range, well-formed ids, texts of a bounded length without control
/// characters. Each receiver validates a message before it uses it. A message without a rule is an error, which a test detects.
/// </summary>
internal static class DeployRules
{
    /// <summary>The most cores of a worker or an executor.</summary>
    public const int MaxCores = 65_536;

    /// <summary>The most memory of a worker or an executor: 64 TiB.</summary>
    public const int MaxMemoryMiB = 64 << 20;

    /// <summary>Maximum number of workers of a master, and of concurrent applications.</summary>
    public const int MaxRegistered = 10_000;

    /// <summary>The most characters of one application's or driver's description.</summary>
    public const int MaxDescriptionChars = 256 << 10;

    private const int MaxExecutors = 100_000;
    private const int MaxDrivers = 10_000;
    private const int MaxHosts = 10_000;
    private const int MaxResources = 100;
    private const int MaxAddresses = 10_000;
    private const int MaxArguments = 1000;
    private const int MaxSettings = 1000;
    private const int MaxUrl = 1024;
    private const int MaxSecretBytes = 1024;

    /// <summary>Returns the problem of a message for a master; null if it is valid.</summary>
    public static string? ProblemOf(IToMaster message) => message switch
    {
        RegisterWorker m => OfWorker(m.Id) ?? Problem.OfText(m.Host, Problem.MaxName) ?? Problem.OfNumber(m.Port, 0, ushort.MaxValue)
            ?? Problem.OfRef(m.Worker) ?? Problem.OfNumber(m.Cores, 1, MaxCores) ?? Problem.OfNumber(m.MemoryMiB, 1, MaxMemoryMiB)
            ?? Problem.OfAddress(m.MasterAddress) ?? OfResources(m.Resources)
            ?? OfOccupied(m.Executors ?? [], MaxExecutors, static one => OfApplication(one.App) ?? OfExecutorNumber(one.Executor)
                ?? OfOccupied(one.Cores, one.MemoryMiB, one.Resources))
            ?? OfOccupied(m.Drivers ?? [], MaxDrivers, static one => OfDriver(one.Driver) ?? OfOccupied(one.Cores, one.MemoryMiB, one.Resources)),
        Heartbeat m => OfWorker(m.Id) ?? Problem.OfRef(m.Worker),
        WorkerLatestState m => OfWorker(m.Id) ?? Problem.OfRef(m.Worker) ?? OfExecutors(m.Executors) ?? OfDrivers(m.Drivers ?? []),
        WorkerSchedulerStateResponse m => OfWorker(m.Id) ?? Problem.OfRef(m.Worker) ?? OfExecutors(m.Executors) ?? OfDrivers(m.Drivers),
        WorkerDecommissioning m => OfWorker(m.Id) ?? Problem.OfRef(m.Worker),
        DriverStateChanged m => OfWorker(m.Worker) ?? OfDriver(m.Driver) ?? Problem.OfEnum(m.State)
            ?? (m.State.IsEnd() ? null : $"State is {m.State}, which is not the end of a driver") ?? Problem.OfTextOrNull(m.Message, Problem.MaxMessage),
        ExecutorStateChanged m => OfWorker(m.Worker) ?? OfApplication(m.App) ?? OfExecutorNumber(m.Executor) ?? Problem.OfEnum(m.State)
            ?? Problem.OfTextOrNull(m.Message, Problem.MaxMessage),
        RegisterApplication m => Problem.OfRef(m.Client) ?? Problem.OfPart(m.Description) ?? OfDescription(m.Description) ?? OfDriver(m.Description),
        UnregisterApplication m => OfApplication(m.App),
        ApplicationHeartbeat m => OfApplication(m.App) ?? Problem.OfRef(m.Client),
        MasterChangeAcknowledged m => OfApplication(m.App) ?? OfSecret(m.Secret) ?? Problem.OfCount(m.Executors?.Length, MaxExecutors),
        RequestExecutors m => OfApplication(m.App) ?? Problem.OfNumber(m.Total, 0, int.MaxValue),
        KillExecutors m => OfApplication(m.App) ?? Problem.OfCount(m.Executors?.Length, MaxExecutors),
        RequestSubmitDriver m => Problem.OfPart(m.Description) ?? OfDescription(m.Description) ?? Problem.OfTextOrNull(m.Realm, Problem.MaxName),
        RequestKillDriver m => OfDriver(m.Driver),
        RequestDriverStatus m => OfDriver(m.Driver),
        RequestKillAllDrivers or RequestClearCompletedDriversAndApps or RequestReadyz or RequestMasterState => null, // they say nothing
        DecommissionWorkersOnHosts m => Problem.OfCount(m.Hosts?.Length, MaxHosts)
            ?? m.Hosts!.Select(static host => Problem.OfText(host, Problem.MaxName, "Host")).FirstOrDefault(static problem => problem is not null),
        _ => throw Missing(message),
    };

    /// <summary>Returns the problem of a message for a worker; null if it is valid.</summary>
    public static string? ProblemOf(IToWorker message) => message switch
    {
        MasterInStandby or DecommissionWorker => null, // they say nothing
        MasterChanged m => Problem.OfRef(m.Master),
        LaunchDriver m => OfDriver(m.Driver) ?? Problem.OfPart(m.Description) ?? OfDescription(m.Description) ?? OfResources(m.Resources),
        KillDriver m => OfDriver(m.Driver),
        RegisteredWorker m => Problem.OfRef(m.Master) ?? Problem.OfAddress(m.MasterAddress),
        RegisterWorkerFailed m => Problem.OfText(m.Message, Problem.MaxMessage),
        ReconnectWorker m => Problem.OfText(m.MasterUrl, MaxUrl),
        LaunchExecutor m => Problem.OfText(m.MasterUrl, MaxUrl) ?? OfApplication(m.App) ?? OfExecutorNumber(m.Executor) ?? Problem.OfPart(m.Description)
            ?? OfDescription(m.Description) ?? OfDriver(m.Description) ?? Problem.OfNumber(m.Cores, 1, MaxCores)
            ?? Problem.OfNumber(m.MemoryMiB, 1, MaxMemoryMiB) ?? OfSecret(m.Secret) ?? OfResources(m.Resources),
        KillExecutor m => Problem.OfText(m.MasterUrl, MaxUrl) ?? OfApplication(m.App) ?? OfExecutorNumber(m.Executor),
        ApplicationFinished m => OfApplication(m.App),
        _ => throw Missing(message),
    };

    /// <summary>Returns the problem of a message for an application's client; null if it is valid.</summary>
    public static string? ProblemOf(IToClient message) => message switch
    {
        RegisteredApplication m => OfApplication(m.App) ?? Problem.OfRef(m.Master) ?? OfSecret(m.Secret),
        MasterChanged m => Problem.OfRef(m.Master) ?? (m.App is { } app ? OfApplication(app) : null),
        ExecutorAdded m => OfExecutorNumber(m.Executor) ?? OfWorker(m.Worker) ?? Problem.OfText(m.HostPort, MaxUrl)
            ?? Problem.OfNumber(m.Cores, 1, MaxCores) ?? Problem.OfNumber(m.MemoryMiB, 1, MaxMemoryMiB),
        ExecutorUpdated m => OfExecutorNumber(m.Executor) ?? Problem.OfEnum(m.State) ?? Problem.OfTextOrNull(m.Message, Problem.MaxMessage)
            ?? Problem.OfTextOrNull(m.WorkerHost, Problem.MaxName),
        WorkerRemoved m => OfWorker(m.Worker) ?? Problem.OfText(m.Host, Problem.MaxName) ?? Problem.OfText(m.Message, Problem.MaxMessage),
        ApplicationRemoved m => Problem.OfText(m.Message, Problem.MaxMessage),
        _ => throw Missing(message),
    };

    /// <summary>Returns the problem of a master's reply to a submission client; null if it is valid.</summary>
    public static string? ProblemOf(IToSubmitter message) => message switch
    {
        SubmitDriverResponse m => (m.Driver is { } id ? OfDriver(id) : null) ?? Problem.OfText(m.Message, Problem.MaxMessage),
        KillDriverResponse m => OfDriver(m.Driver) ?? Problem.OfText(m.Message, Problem.MaxMessage),
        KillAllDriversResponse m => Problem.OfText(m.Message, Problem.MaxMessage),
        DriverStatusResponse m => (m.State is { } state ? Problem.OfEnum(state) : null) ?? (m.Worker is { } worker ? OfWorker(worker) : null)
            ?? Problem.OfTextOrNull(m.WorkerHostPort, MaxUrl) ?? Problem.OfTextOrNull(m.Message, Problem.MaxMessage)
            ?? Problem.OfTextOrNull(m.Realm, Problem.MaxName),
        MasterStateResponse m => StatusRules.ProblemOf(m),
        _ => throw Missing(message),
    };

    /// <summary>
    /// Returns the problem of what an application requests, except its driver's address; null if it is valid. Its driver also checks it before it registers.
    /// </summary>
    public static string? OfDescription(ApplicationDescription description) =>
        Problem.OfText(description.Name, Problem.MaxName) ?? Problem.OfText(description.User, Problem.MaxName)
        ?? (description.MaxCores is { } most ? Problem.OfNumber(most, 1, int.MaxValue, nameof(description.MaxCores)) : null)
        ?? (description.CoresPerExecutor is { } each ? Problem.OfNumber(each, 1, MaxCores, nameof(description.CoresPerExecutor)) : null)
        ?? Problem.OfNumber(description.MemoryPerExecutorMiB, 1, MaxMemoryMiB)
        ?? (description.InitialExecutorLimit is { } limit ? Problem.OfNumber(limit, 0, int.MaxValue, nameof(description.InitialExecutorLimit)) : null)
        ?? OfSettings(description.ExecutorSettings) ?? OfRequirements(description.Resources)
        ?? (description.DriverUrl is null ? null : OfChars(description.Chars));

    /// <summary>Returns the problem of what a submission requests; null if it is valid.</summary>
    public static string? OfDescription(DriverDescription description) =>
        Problem.OfText(description.JarUrl, MaxUrl) ?? Problem.OfNumber(description.MemoryMiB, 1, MaxMemoryMiB)
        ?? Problem.OfNumber(description.Cores, 1, MaxCores) ?? Problem.OfPart(description.Command) ?? OfCommand(description.Command)
        ?? OfRequirements(description.Resources) ?? OfChars(description.Chars);

    /// <summary>The number of characters of some settings or variables.</summary>
    public static long CharsOf(IReadOnlyDictionary<string, string> settings) => settings.Sum(static setting => (long)setting.Key.Length + setting.Value.Length);

    private static string? OfCommand(DriverCommand command) => Problem.OfText(command.MainClass, Problem.MaxName)
        ?? Problem.OfCount(command.Arguments?.Length, MaxArguments)
        ?? command.Arguments!.Select(static argument => Problem.OfPart(argument, "Argument")).FirstOrDefault(static problem => problem is not null)
        ?? Problem.OfCount(command.Environment?.Count, MaxSettings)
        ?? command.Environment!.Select(static variable => OfVariable(variable.Key, variable.Value)).FirstOrDefault(static problem => problem is not null)
        ?? OfSettings(command.Settings);

    // Values may hold any text, such as line breaks; they are never logged.
    private static string? OfVariable(string name, string? value) =>
        name.Length == 0 || name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal)
            ? "Environment has a variable without a valid name"
            : Problem.OfText(name, Problem.MaxName, "Variable") ?? Problem.OfPart(value, "Value of a variable");

    private static string? OfSettings(IReadOnlyDictionary<string, string>? settings) => Problem.OfCount(settings?.Count, MaxSettings, "m.ExecutorSettings")
        ?? settings!.Select(static setting => Problem.OfKey(setting.Key) ?? Problem.OfText(setting.Value, Problem.MaxMessage, $"settings.{setting.Key}"))
            .FirstOrDefault(static problem => problem is not null);

    private static string? OfChars(long chars) => Problem.OfNumber(chars, 0, MaxDescriptionChars, "Characters");

    private static string? OfRequirements(ResourceRequirement[]? required) => required is null ? null : Problem.OfCount(required.Length, MaxResources, "Resources")
        ?? required.Select(static one => Problem.OfPart(one) ?? Problem.OfText(one!.Name, Problem.MaxName) ?? Problem.OfNumber(one.Amount, 1, MaxAddresses))
            .FirstOrDefault(static problem => problem is not null)
        ?? (required.DistinctBy(static one => one.Name, StringComparer.Ordinal).Count() == required.Length ? null : "Resources has a name twice");

    /// <summary>Returns the problem of custom resources; null if they are valid, or there are none.</summary>
    public static string? OfResources(ResourceInformation[]? resources) => resources is null ? null : Problem.OfCount(resources.Length, MaxResources, "Resources")
        ?? resources.Select(static one => Problem.OfPart(one) ?? Problem.OfText(one!.Name, Problem.MaxName) ?? OfAddresses(one.Addresses))
            .FirstOrDefault(static problem => problem is not null)
        ?? (resources.DistinctBy(static one => one.Name, StringComparer.Ordinal).Count() == resources.Length ? null : "Resources has a name twice");

    private static string? OfAddresses(string[]? addresses) => Problem.OfCount(addresses?.Length, MaxAddresses, "Addresses")
        ?? addresses!.Select(static address => Problem.OfText(address, Problem.MaxName, "Address")).FirstOrDefault(static problem => problem is not null)
        ?? (addresses!.Distinct(StringComparer.Ordinal).Count() == addresses!.Length ? null : "Addresses has an address twice");

    private static string? OfOccupied<T>(T[] all, int most, Func<T, string?> rule) where T : class => Problem.OfCount(all.Length, most, typeof(T).Name)
        ?? all.Select(one => Problem.OfPart(one, typeof(T).Name) ?? rule(one)).FirstOrDefault(static problem => problem is not null);

    private static string? OfOccupied(int cores, int memoryMiB, ResourceInformation[]? resources) =>
        Problem.OfNumber(cores, 1, MaxCores) ?? Problem.OfNumber(memoryMiB, 1, MaxMemoryMiB) ?? OfResources(resources);

    private static string? OfExecutors(ExecutorDescription[]? executors) => Problem.OfCount(executors?.Length, MaxExecutors, "m.Executors")
        ?? executors!.Select(OfExecutor).FirstOrDefault(static problem => problem is not null);

    private static string? OfDrivers(DriverId[]? drivers) => Problem.OfCount(drivers?.Length, MaxDrivers, "m.Drivers")
        ?? drivers!.Select(OfDriver).FirstOrDefault(static problem => problem is not null);

    private static string? OfDriver(ApplicationDescription description) => Problem.OfEndpointUrl(description.DriverUrl, MaxUrl);

    private static string? OfSecret(ApplicationSecret secret) =>
        secret?.Value is { Length: >= SharedSecret.MinBytes and <= MaxSecretBytes } ? null : "Secret is missing, too short or too long";

    private static string? OfExecutor(ExecutorDescription? executor) => Problem.OfPart(executor) ?? OfApplication(executor!.App)
        ?? OfExecutorNumber(executor.Executor) ?? Problem.OfNumber(executor.Cores, 1, MaxCores)
        ?? Problem.OfNumber(executor.MemoryMiB, 1, MaxMemoryMiB) ?? Problem.OfEnum(executor.State);

    /// <summary>Returns the problem of a worker's id; null if it is valid.</summary>
    public static string? OfWorker(WorkerId id) => Problem.OfId(id.Value, WorkerId.Prefix, nameof(WorkerId));

    /// <summary>Returns the problem of an application's id; null if it is valid.</summary>
    public static string? OfApplication(ApplicationId id) => Problem.OfId(id.Value, ApplicationId.Prefix, nameof(ApplicationId));

    /// <summary>Returns the problem of a driver's id; null if it is valid.</summary>
    public static string? OfDriver(DriverId id) => Problem.OfId(id.Value, DriverId.Prefix, nameof(DriverId));

    private static string? OfExecutorNumber(int number) => Problem.OfNumber(number, 0, int.MaxValue, "Executor");

    private static NotSupportedException Missing(object message) => new($"{message.GetType().Name} has no rule: add it to {nameof(DeployRules)}.");
}
