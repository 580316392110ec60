const { Before, Given, Then } = require('@cucumber/cucumber');

Before(() => {});
Given('a basket', () => {});
Then('it is empty', () => {});
Then('it is full', () => {
  throw new TypeError('no books');
});
