namespace Sparkish.Tests.Processes;

/// <summary>
/// A driver as most are written: it catches the error of its job and returns from Main, with the context still open. Started by <see cref="DriverEndTests"/>.
/// </summary>
internal static class OrdinaryDriver
{
    public static void Run(string master, string localDirectory)
    {
        var sc = new SparkContext(new SparkConf(loadDefaults: false).SetMaster(master).SetAppName("ordinary").Set("spark.local.dir", localDirectory));
        sc.Parallelize(Enumerable.Range(0, 100), 4).Map(x => (x % 7, x)).ReduceByKey((a, b) => a + b).Count();
        try
        {
            sc.Parallelize([1], 1).Map(x =>
            {
                Console.WriteLine("running");
                Thread.Sleep(Timeout.Infinite);
                return x;
            }).Count();
        }
        catch (SparkException error)
        {
            Console.WriteLine(error.Message);
        }
    }
}
