// Fixtures run side by side, the tests of one fixture in turn. More workers than cores: half of the time, tests wait for processes, sessions and servers.
// A fixture that counts or changes what belongs to the whole process is marked [NonParallelizable] and runs alone, after all others.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(4)]
